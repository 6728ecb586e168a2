import { type AttentionItem, attentionOf } from "../read-model/attention";
import { type EnvironmentFacts, evidenceOf, type PlatformFacts, valueOf } from "../read-model/facts";
import { latest } from "../read-model/series";
import { type Health, percent, per1000, sentenceOf, tilesOf, trafficOf } from "../read-model/summary";
import { shortVersion, versionName } from "../read-model/versions";
import { liveRelease } from "../../records/release";
import type { DataTable } from "./data-table";
import { type Page, Sources } from "./page";
import { Badge } from "./badge";
import { cited, CopyButton, Empty, Table, TileCard, Time } from "./parts";

const words = { critical: "now", warning: "today", info: "decide" } as const;
const healths = { critical: "bad", warning: "watch", info: "unknown" } as const satisfies Record<string, Health>;

/** What a person reads first: a sentence, four numbers, what needs somebody, and where each environment stands. */
export function homePage(facts: PlatformFacts): Page {
  const sources = new Sources();
  const attention = attentionOf(facts);
  const tables = [environmentsTable(facts), attentionTable(attention)] as const;
  const body = (
    <>
      <h1>{sentenceOf(facts, attention)}</h1>
      <p class="lead">What serves, how well, for how much, and what needs somebody.</p>
      {facts.environments.length === 0 ? (
        <Empty
          text="No environment is up, so there is nothing to show."
          command={`pulumi up --stack ${facts.down[0]?.name ?? "dev"} --policy-pack policies`}
        />
      ) : (
        <div class="tiles">
          {tilesOf(facts, attention).map((tile) => (
            <TileCard tile={tile} sources={cited(sources, tile.evidence)} />
          ))}
        </div>
      )}
      <div class="tools">
        <h2>Needs somebody</h2>
        <div class="links">
          {attention.length > 0 && (
            <>
              <a href="data/index.attention.csv" aria-label="Needs somebody as CSV">
                CSV
              </a>
              <a href="data/index.attention.json" aria-label="Needs somebody as JSON">
                JSON
              </a>
            </>
          )}
        </div>
      </div>
      {attention.length === 0 ? (
        <Empty text="Nothing needs anybody: no alarm, no alert, no missed target, nothing that waits for a decision." />
      ) : (
        <ul class="attention">
          {attention.map((item) => (
            <li>
              <div>
                <Badge health={healths[item.severity]} text={words[item.severity]} />
              </div>
              <div class="what">
                {item.what}
                {cited(sources, [item.evidence])}
              </div>
              <div class="meta">
                {item.environment}
                {item.since && (
                  <>
                    {" · since "}
                    <Time at={item.since} />
                  </>
                )}
                {" · "}
                <code>{item.command}</code>
              </div>
              <div class="act">
                <CopyButton command={item.command} label={item.action} />
              </div>
            </li>
          ))}
        </ul>
      )}
      <Table
        page="index"
        table={tables[0]}
        empty={{ text: "No environment is up.", command: "pulumi up --stack dev --policy-pack policies" }}
        cells={{
          environment: ([name]) => <a href={`model-${name}.html`}>{name}</a>,
          state: ([, state], index) => (
            <>
              <Badge
                health={state === "as wanted" ? "good" : state === "nothing wanted" ? "unknown" : "bad"}
                text={String(state)}
              />
              {cited(sources, [evidenceOf(facts.environments[index]!.serving)])}
            </>
          ),
          version: ([, , version], index) => (
            <>
              {version ?? "–"}
              {cited(sources, [evidenceOf(facts.environments[index]!.releases)])}
            </>
          ),
        }}
      />
      {facts.down.map(({ name, why }) => (
        <p class="lead">
          {name}: {why}
        </p>
      ))}
    </>
  );
  return { name: "index", title: "Home", body, tables, sources };
}

function environmentsTable({ environments, window }: PlatformFacts): DataTable {
  return {
    id: "environments",
    title: "Environments",
    columns: [
      { key: "environment", label: "Environment" },
      { key: "state", label: "Endpoint", kind: "short" },
      { key: "version", label: "Version", kind: "short" },
      { key: "since", label: "Live since", kind: "time" },
      { key: "map50", label: "mAP50", kind: "number" },
      { key: "drift", label: "Drift", kind: "number" },
      { key: "requests", label: "Requests", kind: "number" },
      { key: "failed", label: "Failed", kind: "number" },
      { key: "usd_per_1000_images", label: "$ / 1,000", kind: "number" },
      { key: "next", label: "Next decision", kind: "wide" },
    ],
    rows: environments.map((one) => {
      const live = liveRelease(valueOf(one.releases, []));
      const traffic = trafficOf(one);
      const metrics = "unread" in one.metrics ? undefined : one.metrics.value;
      return [
        one.name,
        stateOf(one),
        live ? shortVersion(live.modelPackageArn) : null,
        live?.endedAt ?? null,
        (metrics && latest(metrics.map50)?.value) ?? null,
        (metrics && latest(metrics.drift)?.value) ?? null,
        traffic?.requests ?? null,
        traffic ? percent(traffic.failed / Math.max(1, traffic.requests)) : null,
        per1000(one, window) ?? null,
        nextOf(one),
      ];
    }),
  };
}

function stateOf({ serving }: EnvironmentFacts): string {
  if ("unread" in serving) return "not read";
  const { converged, desired, endpoint } = serving.value;
  if (!desired && !endpoint) return "nothing wanted";
  return converged ? "as wanted" : (endpoint?.status ?? "missing");
}

function nextOf({ packages, experiments }: EnvironmentFacts): string {
  const waiting = valueOf(packages, []).filter(({ approval }) => approval === "PendingManualApproval");
  if (waiting.length > 0) return `approve or reject ${waiting.map(({ arn }) => versionName(arn)).join(", ")}`;
  const running = valueOf(experiments, []).find(({ ended }) => !ended);
  return running ? `experiment ${running.id} runs` : "none";
}

function attentionTable(attention: readonly AttentionItem[]): DataTable {
  return {
    id: "attention",
    title: "Needs somebody",
    columns: ["severity", "environment", "what", "since", "command", "evidence"].map((key) => ({ key, label: key })),
    rows: attention.map(({ severity, environment, what, since, command, evidence }) => [
      severity,
      environment,
      what,
      since ?? null,
      command,
      evidence.what,
    ]),
  };
}
