import type { Child } from "hono/jsx";
import { type EnvironmentFacts, evidenceOf, type PlatformFacts, valueOf } from "../read-model/facts";
import type { Health } from "../read-model/summary";
import { shortVersion, versionName } from "../read-model/versions";
import { liveRelease, type RecordedRelease } from "../../records/release";
import type { Experiment } from "../../records/experiment";
import { type Cell, type DataTable } from "./data-table";
import { type Page, Sources } from "./page";
import { Badge } from "./badge";
import { cited, Command, Empty, Table, Time } from "./parts";
import { Tabs } from "./tabs";

const outcomes: Readonly<Record<RecordedRelease["outcome"], Health>> = {
  live: "good",
  rejected: "unknown",
  "rolled-back": "bad",
  failed: "bad",
};

/** How models came to an environment, what was compared, and what is compared now. */
export function rolloutPage(environment: EnvironmentFacts, facts: PlatformFacts): Page {
  const { name } = environment;
  const sources = new Sources();
  const releases = valueOf(environment.releases, []).toReversed();
  const experiments = valueOf(environment.experiments, []).toReversed();
  const tables = [releasesTable(releases), experimentsTable(experiments)] as const;
  const page = `rollout-${name}`;
  const body = (
    <>
      <h1>Rollouts and experiments in {name}</h1>
      <p class="lead">
        A release goes live under guard: both fleets answer for a while, and what is proven to be worse is taken back.
        {cited(sources, [evidenceOf(environment.releases)])}
      </p>
      <Tabs kind="rollout" facts={facts} current={name} />
      <h2>Traffic now</h2>
      <Traffic
        environment={environment}
        source={cited(sources, [evidenceOf(environment.serving), evidenceOf(environment.running)])}
      />
      <h2>Newest experiment</h2>
      <Running
        environment={environment}
        experiment={experiments[0]}
        source={cited(sources, [evidenceOf(environment.running)])}
      />
      <Table
        page={page}
        table={tables[0]}
        filter
        most={100}
        empty={{ text: `Nothing was released to ${name} yet.`, command: "npx peregrine train" }}
        cells={{
          release: (_, index) => (
            <>
              <code>{releases[index]!.releaseId}</code>
              {cited(sources, [releaseEvidence(name, releases[index]!)])}
            </>
          ),
          outcome: (_, index) => <Badge health={outcomes[releases[index]!.outcome]} text={releases[index]!.outcome} />,
        }}
      />
      <Table
        page={page}
        table={tables[1]}
        empty={{
          text: "No experiment was ever begun here. One compares an approved model with the champion on real images.",
          command: `npx peregrine experiment --help`,
        }}
        cells={{ experiment: ([id]) => <code>{id}</code> }}
      />
    </>
  );
  return { name: page, title: `Rollouts in ${name}`, body, tables, sources };
}

function releaseEvidence(environment: string, { entry: { sequence, hash }, releaseId }: RecordedRelease) {
  return {
    what: `ledger entry ${sequence} of ${environment}, sealed ${hash.slice(0, 12)}`,
    command: `npx peregrine release show ${releaseId} --stack ${environment}`,
  };
}

function Traffic({ environment, source }: { environment: EnvironmentFacts; source: Child }) {
  const { name, releases, running, endpointName } = environment;
  const live = liveRelease(valueOf(releases, []));
  const { percent } = valueOf(running, {});
  if (!live) return <Empty text={`No model answers in ${name}.`} command={`npx peregrine status --stack ${name}`} />;
  const challenger = percent ?? 0;
  return (
    <div class="card">
      <svg
        class="split"
        viewBox="0 0 100 4"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${100 - challenger} % champion, ${challenger} % challenger`}
      >
        <rect width={100 - challenger} height="4" fill="var(--line-1)" />
        <rect x={100 - challenger} width={challenger} height="4" fill="var(--line-2)" />
      </svg>
      <p>
        {shortVersion(live.modelPackageArn)} answers {100 - challenger} % of the requests to {endpointName}
        {challenger > 0 && `, its challenger ${challenger} %`}.{source}
      </p>
      <p class="soft">
        Shares move by the release path and by experiments alone. To take the release back, as an ML engineer:
      </p>
      <Command command={`npx peregrine request rollback --stack ${name}`} />
    </div>
  );
}

function Running({
  environment,
  experiment,
  source,
}: {
  environment: EnvironmentFacts;
  experiment: Experiment | undefined;
  source: Child;
}) {
  const { name, running } = environment;
  if (!experiment)
    return (
      <Empty
        text="None: an experiment compares an approved model with the champion, by rules that are written before."
        command="npx peregrine experiment --help"
      />
    );
  const { verdict, requests, ending } = valueOf(running, {});
  const { id, designed, ended } = experiment;
  const stands = ended?.outcome ?? ending?.outcome ?? verdict?.verdict ?? "designed";
  const health: Health =
    stands === "won" ? "good" : stands === "running" || stands === "designed" ? "watch" : "unknown";
  return (
    <div class="card">
      <dl>
        <dt>Experiment</dt>
        <dd>
          <code>{id}</code> <Badge health={health} text={stands} />
          {source}
        </dd>
        <dt>Compares</dt>
        <dd>
          {versionName(designed.champion.modelPackageArn)} with {versionName(designed.challenger.modelPackageArn)} (
          {designed.mode}), since <Time at={designed.at} />
        </dd>
        {verdict && (
          <>
            <dt>Difference</dt>
            <dd>
              {verdict.difference
                ? `${signed(verdict.difference.mean)} (${signed(verdict.difference.low)} to ${signed(verdict.difference.high)}), challenger less champion; more is better`
                : "not known before both have labelled units"}
              <Interval difference={verdict.difference} />
            </dd>
            <dt>Information</dt>
            <dd>
              {Math.round(100 * verdict.informationShare)} % of what the design asks for, after {verdict.looks} looks
            </dd>
            <dt>Labelled</dt>
            <dd>
              {verdict.labelled.champion} of the champion, {verdict.labelled.challenger} of the challenger
            </dd>
          </>
        )}
        {requests && (
          <>
            <dt>Requests</dt>
            <dd>
              {requests.champion} of the champion, {requests.challenger} of the challenger
            </dd>
          </>
        )}
        <dt>{stands === "running" ? "Why not yet" : "Why"}</dt>
        <dd>{(ended?.reasons ?? verdict?.reasons ?? ["no look yet"]).join("; ")}</dd>
        <dt>More</dt>
        <dd>
          <code>{`npx peregrine experiment status --stack ${name}`}</code>
        </dd>
      </dl>
    </div>
  );
}

/** The interval against nothing: on which side of it, and how wide. */
function Interval({ difference }: { difference: { mean: number; low: number; high: number } | undefined }) {
  if (!difference) return <></>;
  const { mean, low, high } = difference;
  const reach = 1.15 * Math.max(Math.abs(low), Math.abs(high), 1e-9);
  const at = (value: number) => 100 + (100 * value) / reach;
  return (
    <svg
      class="interval"
      viewBox="0 0 200 16"
      role="img"
      aria-label={`interval from ${signed(low)} to ${signed(high)}, around 0`}
    >
      <line x1="0" y1="8" x2="200" y2="8" stroke="var(--line)" />
      <line x1="100" y1="1" x2="100" y2="15" stroke="var(--soft)" />
      <line x1={at(low).toFixed(1)} y1="8" x2={at(high).toFixed(1)} y2="8" stroke="var(--line-1)" stroke-width="3" />
      <circle cx={at(mean).toFixed(1)} cy="8" r="3.5" fill="var(--line-1)" />
    </svg>
  );
}

function releasesTable(releases: readonly RecordedRelease[]): DataTable {
  return {
    id: "releases",
    title: "Releases",
    columns: [
      { key: "release", label: "Release", kind: "short" },
      { key: "version", label: "Version", kind: "short" },
      { key: "kind", label: "Kind", kind: "short" },
      { key: "outcome", label: "Outcome", kind: "short" },
      { key: "ended", label: "Ended", kind: "time" },
      { key: "minutes", label: "Minutes", kind: "number" },
      { key: "rollout", label: "Compared" },
      { key: "decided_by", label: "Decided by" },
      { key: "why", label: "Why it ended so", kind: "wide" },
      { key: "released_by", label: "Released by", hidden: true },
      { key: "package", label: "Package", hidden: true },
    ],
    rows: releases.map((one): Cell[] => [
      one.releaseId,
      shortVersion(one.modelPackageArn),
      one.kind,
      one.outcome,
      one.endedAt,
      Math.round((Date.parse(one.endedAt) - Date.parse(one.startedAt)) / 6000) / 10,
      one.rollout ? one.rollout.verdict : null,
      one.decision?.person ?? null,
      [...one.reasons, ...(one.rollout?.reasons ?? [])].join("; ") || null,
      one.entry.by,
      one.modelPackageArn,
    ]),
  };
}

function experimentsTable(experiments: readonly Experiment[]): DataTable {
  return {
    id: "experiments",
    title: "Experiments",
    columns: [
      { key: "experiment", label: "Experiment", kind: "short" },
      { key: "champion", label: "Champion", kind: "short" },
      { key: "challenger", label: "Challenger", kind: "short" },
      { key: "mode", label: "Mode", kind: "short" },
      { key: "designed", label: "Designed", kind: "time" },
      { key: "ended", label: "Ended", kind: "time" },
      { key: "outcome", label: "Outcome", kind: "short" },
      { key: "why", label: "Why", kind: "wide" },
    ],
    rows: experiments.map(({ id, designed, ended }): Cell[] => [
      id,
      shortVersion(designed.champion.modelPackageArn),
      shortVersion(designed.challenger.modelPackageArn),
      designed.mode,
      designed.at,
      ended?.at ?? null,
      ended?.outcome ?? "not ended",
      ended?.reasons.join("; ") ?? null,
    ]),
  };
}

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
