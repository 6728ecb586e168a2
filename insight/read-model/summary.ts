import { hoursPerMonth } from "../../pricing/assumptions";
import { productionEnvironment } from "../../contract/environments";
import { liveRelease } from "../../records/release";
import type { AttentionItem } from "./attention";
import { type EnvironmentFacts, type Evidence, evidenceOf, type PlatformFacts, valueOf } from "./facts";
import { money } from "../money";
import { latest, type Series, total } from "./series";
import { shortVersion } from "./versions";

/** How something is: a word and a mark say it beside the colour. */
export type Health = "good" | "watch" | "bad" | "unknown";
export const healthWords: Readonly<Record<Health, string>> = {
  good: "well",
  watch: "watch",
  bad: "act",
  unknown: "not known",
};

/** A tile: one number, what it means, and where it is from. */
export interface Tile {
  readonly title: string;
  readonly value: string;
  readonly health: Health;
  readonly lines: readonly string[];
  readonly evidence: readonly Evidence[];
  /** Drawn small, where there is one. */
  readonly series?: Series;
  /** Page with more of it. */
  readonly page: string;
}

/** What a person reads first. */
export function sentenceOf({ environments, down }: PlatformFacts, attention: readonly AttentionItem[]): string {
  if (environments.length === 0) return `Nothing is up yet: ${down.map(({ name }) => name).join(", ")}.`;
  const serving = environments.flatMap((one) => {
    const live = liveRelease(valueOf(one.releases, []));
    return live ? [`${shortVersion(live.modelPackageArn)} serves ${one.name}`] : [];
  });
  const first = serving.length > 0 ? serving.join(", ") : "No model serves anywhere yet";
  const urgent = attention.filter(({ severity }) => severity === "critical").length;
  const others = attention.filter(({ severity }) => severity === "warning").length;
  const rest = attention.length - urgent - others;
  const needs =
    attention.length === 0
      ? "nothing needs you"
      : [
          ...(urgent > 0 ? [`${urgent} ${urgent === 1 ? "thing needs" : "things need"} you at once`] : []),
          ...(others > 0 ? [`${others} this working day`] : []),
          ...(rest > 0 ? [`${rest} ${rest === 1 ? "waits" : "wait"} for a decision`] : []),
        ].join(", ");
  return `${first}; ${needs}.`;
}

/** Serving, quality, cost and risk of what clients see: production, else the last environment that is up. */
export function tilesOf(platform: PlatformFacts, attention: readonly AttentionItem[]): Tile[] {
  const shown =
    platform.environments.find(({ name }) => name === productionEnvironment) ?? platform.environments.at(-1);
  if (!shown) return [];
  return [servingTile(shown, attention), qualityTile(shown), costTile(platform, shown), riskTile(platform, attention)];
}

function servingTile(environment: EnvironmentFacts, attention: readonly AttentionItem[]): Tile {
  const { name, releases, serving, metrics } = environment;
  const live = liveRelease(valueOf(releases, []));
  const urgent = attention.some((one) => one.environment === name && one.severity === "critical");
  const endpoint = valueOf(serving, { converged: true }).endpoint;
  const traffic = trafficOf(environment);
  return {
    title: `Serving in ${name}`,
    value: live ? shortVersion(live.modelPackageArn) : "no model",
    health: !live ? "unknown" : urgent ? "bad" : "good",
    lines: [
      live ? `${endpoint?.status ?? "no endpoint"}, live since ${day(live.endedAt)}` : "nothing was released yet",
      traffic
        ? `${whole(traffic.requests)} requests, ${percent(traffic.failed / Math.max(1, traffic.requests))} failed`
        : "no request was measured",
    ],
    evidence: [
      ...(live
        ? [{ what: `ledger entry ${live.entry.sequence} of ${name}`, command: showCommand(name, live.releaseId) }]
        : []),
      evidenceOf(serving),
      ...("unread" in metrics ? [] : [{ what: metrics.value.requests.query }]),
    ],
    ...("unread" in metrics ? {} : { series: metrics.value.requests }),
    page: `model-${name}.html`,
  };
}

/** Quality that is above its objective by less than a tenth is watched. */
const nearMiss = 1.1;

function qualityTile({ name, metrics, objectives, releases }: EnvironmentFacts): Tile {
  const common = { title: `Quality in ${name}`, page: `model-${name}.html` };
  const live = liveRelease(valueOf(releases, []));
  const heldOut = live?.evaluation;
  const lines = heldOut ? [`${heldOut.map50.toFixed(3)} on held-out images, when it was trained`] : [];
  const evidence = heldOut && live ? [{ what: `ledger entry ${live.entry.sequence} of ${name}` }] : [];
  const found = "unread" in metrics ? undefined : metrics.value;
  const drift = found && latest(found.drift);
  const drifted = drift && drift.value >= 1 ? [`answers moved: drift score ${drift.value.toFixed(2)}`] : [];
  for (const [series, how] of [
    [found?.map50, "measured on labelled answers"],
    [found?.estimatedMap50, "estimated without labels"],
  ] as const) {
    const newest = series && latest(series);
    if (!newest) continue;
    return {
      ...common,
      value: `mAP50 ${newest.value.toFixed(3)}`,
      health:
        newest.value < objectives.map50
          ? "bad"
          : newest.value < nearMiss * objectives.map50 || drifted.length > 0
            ? "watch"
            : "good",
      lines: [`${how}, objective ${objectives.map50}`, ...drifted, ...lines],
      evidence: [{ what: series.query }, ...evidence, ...(found ? [{ what: found.drift.query }] : [])],
      series,
    };
  }
  return {
    ...common,
    value: "not measured",
    health: "unknown",
    lines: [...lines, "no answer was labelled or judged yet"],
    evidence: [evidenceOf(metrics), ...evidence],
  };
}

function costTile({ environments, window }: PlatformFacts, shown: EnvironmentFacts): Tile {
  const priced = environments.filter(({ price }) => !("unread" in price));
  const sum = priced.reduce((usd, { price }) => usd + ("unread" in price ? 0 : price.value.monthlyUsd), 0);
  const each = per1000(shown, window);
  const whole = priced.length === environments.length;
  return {
    title: "Cost a month",
    // A sum without one of its parts would be wrong.
    value: whole ? `$${money(sum)}` : "not known",
    health: whole ? "good" : "unknown",
    lines: [
      "prices of what is up now, before discounts",
      each === undefined ? "no traffic to share it" : `$${money(each)} for 1,000 images of ${shown.name}`,
    ],
    evidence: environments.map(({ price }) => evidenceOf(price)),
    page: "cost.html",
  };
}

function riskTile({ environments }: PlatformFacts, attention: readonly AttentionItem[]): Tile {
  const open = attention.filter(({ severity }) => severity !== "info");
  const worst = open[0];
  return {
    title: "Risk",
    value: open.length === 0 ? "nothing open" : `${open.length} open`,
    health: worst === undefined ? "good" : worst.severity === "critical" ? "bad" : "watch",
    lines: [worst ? `${worst.environment}: ${worst.what}` : "no alarm, alert, violation or missed target"],
    evidence: open.length > 0 ? open.map((one) => one.evidence) : environments.map(({ alarms }) => evidenceOf(alarms)),
    page: "incidents.html",
  };
}

/** What 1,000 images cost at the traffic of the window: the environment's price over the same time. */
export function per1000(environment: EnvironmentFacts, { start, end }: PlatformFacts["window"]): number | undefined {
  const traffic = trafficOf(environment);
  if (!traffic || traffic.requests === 0 || "unread" in environment.price) return undefined;
  const hours = (Date.parse(end) - Date.parse(start)) / 3_600_000;
  return ((environment.price.value.monthlyUsd / hoursPerMonth) * hours * 1000) / traffic.requests;
}

/** Requests of the window, how many failed, and how many of them by the server; undefined where none was measured. */
export function trafficOf({
  metrics,
}: EnvironmentFacts):
  { readonly requests: number; readonly failed: number; readonly serverFailed: number } | undefined {
  if ("unread" in metrics || metrics.value.requests.values.length === 0) return undefined;
  const { requests, clientErrors, serverErrors } = metrics.value;
  const serverFailed = total(serverErrors);
  return { requests: total(requests), failed: total(clientErrors) + serverFailed, serverFailed };
}

const showCommand = (environment: string, release: string): string =>
  `npx peregrine release show ${release} --stack ${environment}`;

export const whole = (count: number): string => Math.round(count).toLocaleString("en-US");
export const percent = (share: number): string => `${(100 * share).toFixed(share !== 0 && share < 0.001 ? 3 : 1)} %`;
/** Day and minute in UTC, as the pages show times. */
export const day = (iso: string): string => `${iso.slice(0, 16).replace("T", " ")} UTC`;
