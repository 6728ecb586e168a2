import { raw } from "hono/html";
import { drawTimeChart, type TimeChart } from "../charts/time-chart";
import { type EnvironmentFacts, type Evidence, evidenceOf, type PlatformFacts, valueOf } from "../read-model/facts";
import { latest, type Series, type SeriesName } from "../read-model/series";
import { lifeOf, type ModelVersion, shortVersion, versionsOf } from "../read-model/versions";
import { lastLiveBefore, liveRelease } from "../../records/release";
import type { DataTable } from "./data-table";
import { forecastTable, Outlook, retrainingTable } from "./outlook";
import { type Page, Sources } from "./page";
import { Badge } from "./badge";
import { cited, Empty, Table, Time } from "./parts";
import { Tabs } from "./tabs";

type Metrics = Readonly<Record<SeriesName, Series>>;

interface Drawn {
  readonly title: string;
  readonly evidence: readonly Evidence[];
  readonly newest: string;
  readonly svg: string | undefined;
}

/** A model where it serves: its life, how well it answers, what else there is of it, and what became of each version. */
export async function modelPage(environment: EnvironmentFacts, facts: PlatformFacts): Promise<Page> {
  const { name, endpointName } = environment;
  const sources = new Sources();
  const live = liveRelease(valueOf(environment.releases, []));
  const versions = versionsOf(facts);
  const table = versionsTable(versions, facts);
  const outlook = [forecastTable(environment), retrainingTable(facts)] as const;
  const drawn = "unread" in environment.metrics ? [] : await charts(environment, environment.metrics.value, facts);
  const shown = drawn.filter(({ svg }) => svg !== undefined);
  const page = `model-${name}`;
  const body = (
    <>
      <h1>{live ? `${shortVersion(live.modelPackageArn)} serves ${name}` : `No model serves ${name} yet`}</h1>
      <p class="lead">
        {endpointName}
        {live && (
          <>
            {" · "}
            {live.modelPackageArn} · archive {live.modelSha256.slice(0, 12)}
            {cited(sources, [
              {
                what: `ledger entry ${live.entry.sequence} of ${name}, sealed ${live.entry.hash.slice(0, 12)}`,
                command: `npx peregrine release show ${live.releaseId} --stack ${name}`,
              },
            ])}
          </>
        )}
      </p>
      <Tabs kind="model" facts={facts} current={name} />
      <h2>Life</h2>
      {live ? (
        <div class="card">
          <ol class="life">
            {lifeOf(environment, facts).map(({ step, at, text }) => (
              <li class={at ? "done" : undefined}>
                <b>{step}</b>
                {at ? <Time at={at} /> : "not yet"}
                <br />
                {text}
              </li>
            ))}
          </ol>
        </div>
      ) : (
        <Empty
          text={`Nothing was released to ${name}. An approved model is released by the release path, or by hand.`}
          command="npx peregrine train"
        />
      )}
      <h2>Health</h2>
      {shown.length > 0 ? (
        <div class="charts">
          {shown.map(({ title, evidence, newest, svg }) => (
            <figure class="card">
              <figcaption>
                {title}
                <span>
                  {newest}
                  {cited(sources, evidence)}
                </span>
              </figcaption>
              {raw(svg!)}
            </figure>
          ))}
        </div>
      ) : (
        <Empty
          text={
            "unread" in environment.metrics
              ? `The metrics could not be read: ${environment.metrics.unread}.`
              : "No request was measured, and no window was judged: both come with traffic."
          }
          command={`npx peregrine doctor --stack ${name}`}
        />
      )}
      <Table
        page={page}
        table={table}
        filter
        most={100}
        empty={{ text: "No registry that was read holds a version.", command: "npx peregrine train" }}
        cells={{
          version: (_, index) => (
            <>
              {versions[index]!.name}
              {cited(sources, versionEvidence(versions[index]!, facts))}
            </>
          ),
          approval: ([, approval]) => (
            <Badge
              health={approval === "Approved" ? "good" : approval === "Rejected" ? "bad" : "unknown"}
              text={String(approval ?? "not registered")}
            />
          ),
        }}
      />
      <Outlook page={page} environment={environment} facts={facts} tables={outlook} sources={sources} />
      <Documents environment={environment} />
    </>
  );
  return { name: page, title: `Model in ${name}`, body, tables: [table, ...outlook], sources };
}

function Documents({ environment: { name, releases } }: { environment: EnvironmentFacts }) {
  const live = liveRelease(valueOf(releases, []));
  if (!live) return <></>;
  const all = valueOf(releases, []);
  const other = all.findLast((one) => one.outcome === "live" && one.modelPackageArn !== live.modelPackageArn);
  const before = lastLiveBefore(all, live.releaseId);
  const commands = [
    ["What it was made of", `npx peregrine lineage ${live.modelPackageArn} --up`],
    ["Its documents, from evidence", `npx peregrine dossier ${live.releaseId} --stack ${name}`],
    ["Who decided, and whether it still holds", `npx peregrine decision verify ${live.modelPackageArn}`],
    ...(other
      ? [
          [
            `Against ${shortVersion(other.modelPackageArn)}, which served before, as a page`,
            `npx peregrine compare ${other.modelPackageArn} ${live.modelPackageArn} --html compare.html`,
          ] as const,
        ]
      : []),
    ...(before ? [["Back to the release before", `npx peregrine rollback --stack ${name}`] as const] : []),
  ] as const;
  return (
    <>
      <h2>Documents and commands</h2>
      <div class="card">
        <dl>
          {commands.map(([what, command]) => (
            <>
              <dt>{what}</dt>
              <dd>
                <code>{command}</code>
              </dd>
            </>
          ))}
        </dl>
      </div>
    </>
  );
}

/** What is drawn of a model, each chart with the releases that happened meanwhile. */
async function charts(environment: EnvironmentFacts, metrics: Metrics, facts: PlatformFacts): Promise<Drawn[]> {
  const { objectives } = environment;
  const { start, end } = facts.window;
  const marks = valueOf(environment.releases, [])
    .filter(({ outcome, endedAt }) => outcome === "live" && endedAt >= start)
    .map(({ endedAt, modelPackageArn, kind }) => ({
      at: endedAt,
      label: `${kind === "rollback" ? "↶ " : ""}${shortVersion(modelPackageArn)}`,
    }))
    .slice(-12);
  const common = { marks, from: start, to: end };
  const line = (label: string, series: SeriesName, scale?: number) => ({ label, series: metrics[series], scale });
  const wanted: (Omit<TimeChart, "marks" | "from" | "to" | "description"> & { title: string; digits: number })[] = [
    {
      title: "Quality on labelled answers",
      unit: "0 to 1",
      digits: 3,
      lines: [line("mAP50", "map50"), line("precision", "precision"), line("recall", "recall")],
      objective: { value: objectives.map50, label: "objective" },
    },
    {
      title: "Estimated without labels",
      unit: "mAP50",
      digits: 3,
      lines: [line("estimated mAP50", "estimatedMap50")],
      objective: { value: objectives.map50, label: "objective" },
    },
    {
      title: "Drift",
      unit: "over its threshold",
      digits: 2,
      lines: [line("drift score", "drift")],
      objective: { value: 1, label: "drift" },
    },
    {
      title: "Latency of the model",
      unit: "ms",
      digits: 1,
      lines: [line("p50", "latencyP50", 1e-3), line("p99", "latencyP99", 1e-3)],
    },
    {
      title: "Requests",
      unit: `per ${facts.window.periodSeconds} s`,
      digits: 0,
      lines: [line("requests", "requests")],
    },
    {
      title: "Failures",
      unit: `per ${facts.window.periodSeconds} s`,
      digits: 0,
      lines: [line("of the client (4xx)", "clientErrors"), line("of the server (5xx)", "serverErrors")],
    },
    { title: "Label coverage", unit: "share", digits: 3, lines: [line("coverage", "labelCoverage")] },
    {
      title: "Label lag",
      unit: "hours",
      digits: 1,
      lines: [line("lag", "labelLagHours")],
      objective: { value: objectives.labelLagHours, label: "objective" },
    },
  ];
  return Promise.all(
    wanted.map(async ({ title, digits, ...chart }): Promise<Drawn> => {
      const [main] = chart.lines;
      const last = main && latest(main.series);
      const newest = last ? `${(last.value * (main.scale ?? 1)).toFixed(digits)} now` : "";
      return {
        title,
        newest,
        evidence: chart.lines.map(({ series }) => ({ what: series.query })),
        svg: await drawTimeChart({ ...common, ...chart, description: `${title}: ${newest || "no value"}` }),
      };
    }),
  );
}

function versionEvidence({ stands }: ModelVersion, { environments }: PlatformFacts): Evidence[] {
  const newest = stands.at(-1);
  if (newest) return [{ what: `ledger entry ${newest.release.entry.sequence} of ${newest.environment}` }];
  return environments
    .filter(({ packages }) => valueOf(packages, []).length > 0)
    .slice(0, 1)
    .map(({ packages }) => evidenceOf(packages));
}

function versionsTable(versions: readonly ModelVersion[], { environments }: PlatformFacts): DataTable {
  return {
    id: "versions",
    title: "Versions",
    columns: [
      { key: "version", label: "Version", kind: "short" },
      { key: "approval", label: "Approval", kind: "short" },
      { key: "created", label: "Registered", kind: "time" },
      { key: "map50", label: "mAP50 held out", kind: "number" },
      ...environments.map(({ name }) => ({ key: name, label: name, kind: "short" as const })),
      { key: "why", label: "Why it is so", kind: "wide" },
      { key: "arn", label: "ARN", hidden: true },
    ],
    rows: versions.map(({ arn, name, approval, created, map50, stands }) => [
      name,
      approval ?? null,
      created ?? null,
      map50 ?? null,
      ...environments.map(({ name }) => stands.findLast(({ environment }) => environment === name)?.state ?? null),
      stands.findLast(({ state }) => state !== "live" && state !== "was live")?.release.reasons[0] ?? null,
      arn,
    ]),
  };
}
