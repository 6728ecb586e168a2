import { Metrics } from "../../aws/cloudwatch";
import { ObjectStore } from "../../aws/s3";
import { callerIdentity } from "../../aws/sts";
import type { KpiDefinition } from "../../contract/kpi";
import type { StackOutputs } from "../../contract/outputs";
import type { Cost, Roi } from "../../lifecycle/effect/roi";
import { listExperiments } from "../../records/experiment";
import type { RecordedRelease } from "../../records/release";
import { UserError } from "../errors";
import { ledgerOf, named, releasesOf } from "../release/history";
import type { Environment } from "../stack/environment";
import { catalogueOf, effectsOf, liveReleases, type ReleaseEffects, worthOf } from "./effects";
import { imagesBetween, type KpiPlaces, modelQuality, readKpi } from "./series";

/** What an environment's releases did to its business metrics, and what the newest of them was worth. */
export interface EffectsReport {
  readonly environment: string;
  readonly kpis: readonly KpiDefinition[];
  /** The newest release first. */
  readonly releases: readonly ReleaseEffects[];
  /** Of the first of them. */
  readonly roi: Roi;
}

/** What is asked for; left out, everything. */
export interface EffectsAsked {
  readonly kpi?: string;
  readonly release?: string;
  /** Releases at most, the newest ones. */
  readonly most?: number;
  readonly costs?: readonly Cost[];
}

/**
 * Reads ledger and KPIs, and says what releases did; changes nothing.
 * @throws UserError where there is no such KPI or release; LedgerBroken.
 */
export async function effectsReport(
  environment: Environment,
  outputs: StackOutputs,
  { kpi: wanted, release, most = 1, costs = [] }: EffectsAsked = {},
): Promise<EffectsReport> {
  const { name, session, settings } = environment;
  const kpis = wantedOf(catalogueOf(settings), wanted, name);
  const { at: now } = await callerIdentity(session);
  const places: KpiPlaces = {
    ...{ environment: name, endpoint: outputs.endpointName, bucket: outputs.artifactsBucket, now },
    store: new ObjectStore(session),
    metrics: new Metrics(session),
  };
  const [releases, experiments, quality, ...series] = await Promise.all([
    releasesOf(environment),
    listExperiments(ledgerOf(environment, outputs), name),
    modelQuality(places),
    ...kpis.map((kpi) => readKpi(kpi, places)),
  ]);
  const today = now.toISOString().slice(0, 10);
  const read = kpis.map((kpi, index) => ({ kpi, series: series[index]! }));
  const facts = { releases, experiments, quality, kpis: read, today };
  const asked = askedReleases(releases, release, name).slice(0, most);
  const effects = asked.map((one) => effectsOf(facts, one));
  if (!effects[0])
    return { environment: name, kpis, releases: [], roi: { verdict: "withheld", reasons: ["nothing ever went live"] } };
  const since = effects[0].day;
  const days = (Date.parse(today) - Date.parse(since)) / 86_400_000;
  const images = await imagesBetween(places, since, today);
  return { environment: name, kpis, releases: effects, roi: worthOf(effects[0], kpis, { images, days }, costs) };
}

function wantedOf(kpis: readonly KpiDefinition[], wanted: string | undefined, environment: string): KpiDefinition[] {
  const found = kpis.filter(({ name }) => wanted === undefined || name === wanted);
  if (found.length > 0 || wanted === undefined) return found;
  const known = kpis.length > 0 ? `It has ${kpis.map(({ name }) => name).join(", ")}` : "It has none";
  throw new UserError(
    `${environment} has no KPI ${wanted}.`,
    `${known}; they are the setting kpis of Pulumi.${environment}.yaml (docs/business.md).`,
  );
}

function askedReleases(
  releases: readonly RecordedRelease[],
  wanted: string | undefined,
  environment: string,
): RecordedRelease[] {
  if (wanted === undefined) return liveReleases(releases);
  const one = named(releases, wanted, environment);
  if (one.outcome === "live") return [one];
  throw new UserError(
    `Release ${one.releaseId} never went live in ${environment}: it is ${one.outcome}.`,
    `See the releases: npx peregrine release list --stack ${environment}`,
  );
}
