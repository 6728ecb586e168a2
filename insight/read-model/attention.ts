import { type Severity, severities } from "../../contract/alerts";
import { readAlarmDescription } from "../../contract/alarm-description";
import { liveRelease } from "../../records/release";
import { type EnvironmentFacts, type Evidence, evidenceOf, mayNot, type PlatformFacts, valueOf } from "./facts";
import { latest } from "./series";
import { shortVersion, versionName } from "./versions";

/** Something that somebody has to look at, with the one thing to do about it. */
export interface AttentionItem {
  readonly severity: Severity;
  readonly environment: string;
  /** One sentence. */
  readonly what: string;
  /** ISO 8601; undefined where nobody knows. */
  readonly since: string | undefined;
  /** What its button is called. */
  readonly action: string;
  /** What is typed. */
  readonly command: string;
  readonly evidence: Evidence;
}

type Rule = (environment: EnvironmentFacts, platform: PlatformFacts) => readonly AttentionItem[];

/** All that needs somebody: the most urgent first, then what waits longest. */
export function attentionOf(platform: PlatformFacts): AttentionItem[] {
  const items = platform.environments.flatMap((environment) => rules.flatMap((rule) => rule(environment, platform)));
  return items.sort(
    (one, other) =>
      severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
      (one.since ?? "9").localeCompare(other.since ?? "9"),
  );
}

const rules: readonly Rule[] = [
  serving,
  alarms,
  alerts,
  failover,
  quality,
  violations,
  forecasts,
  approvals,
  labels,
  experiments,
  lastRelease,
  log,
  unread,
];

/** Text as a shell takes it as one word: what people and models wrote is in commands, too. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`).replace(/[\r\n]+/g, " ")}'`;
}

function serving({ name, serving: read }: EnvironmentFacts): AttentionItem[] {
  if ("unread" in read) return [];
  const { endpoint, converged, desired } = read.value;
  const common = {
    environment: name,
    since: undefined,
    action: "Examine",
    command: `npx peregrine doctor --stack ${name}`,
    evidence: read.evidence,
  };
  if (endpoint?.status === "Failed")
    return [{ ...common, severity: "critical", what: `The endpoint ${endpoint.name} has failed.` }];
  if (converged || endpoint?.status === "Updating" || endpoint?.status === "Creating") return [];
  const what = endpoint
    ? `The endpoint runs ${endpoint.configName}, which is not what the release wants.`
    : desired
      ? "A release is desired, and there is no endpoint."
      : "An endpoint runs, and no release is desired.";
  return [{ ...common, severity: "critical", what }];
}

function alarms({ name, alarms: read }: EnvironmentFacts): AttentionItem[] {
  return valueOf(read, [])
    .filter(({ state }) => state === "ALARM")
    .map(({ name: alarm, since, description }) => {
      const { what, severity, command } = readAlarmDescription(description ?? "");
      return {
        severity: severity ?? "warning",
        environment: name,
        what: what || `The alarm ${alarm} is raised.`,
        since,
        action: "Do what its alarm says",
        command: command ?? `npx peregrine doctor --stack ${name}`,
        evidence: { what: `CloudWatch DescribeAlarms: ${alarm}` },
      };
    });
}

function alerts({ name, alerts: read }: EnvironmentFacts): AttentionItem[] {
  return valueOf(read, [])
    .filter(({ acknowledged, endedMs }) => acknowledged === undefined && endedMs === undefined)
    .map(({ id, severity, subject, atMs, team, steps }) => ({
      severity,
      environment: name,
      what: `${subject} (nobody looks after it yet; ${team} was told, and ${steps} more ${steps === 1 ? "level" : "levels"})`,
      since: new Date(atMs).toISOString(),
      action: "Acknowledge",
      command: `npx peregrine alert ack ${quoted(id)} --stack ${name}`,
      evidence: evidenceOf(read),
    }));
}

function failover({ name, failover: read }: EnvironmentFacts): AttentionItem[] {
  if (!read || "unread" in read || read.value.server === "champion") return [];
  const last = read.value.switches.at(-1);
  return [
    {
      severity: "critical",
      environment: name,
      what:
        read.value.server === "hold"
          ? "Nobody answers: the front door holds images."
          : `Not the champion but ${read.value.server} answers the front door's clients.`,
      since: last?.at,
      action: "See who answers",
      command: `npx peregrine failover --stack ${name}`,
      evidence: read.evidence,
    },
  ];
}

/** Missed targets: what people measured, else what is estimated. */
function quality({ name, metrics, objectives, endpointName }: EnvironmentFacts): AttentionItem[] {
  if ("unread" in metrics) return [];
  const { map50, f1, estimatedMap50, labelLagHours } = metrics.value;
  const missed = (what: string, series: typeof map50, objective: number, below = true): AttentionItem[] => {
    const newest = latest(series);
    if (!newest || (below ? newest.value >= objective : newest.value <= objective)) return [];
    const sentence = `${what} of ${endpointName} is ${newest.value.toFixed(below ? 3 : 0)}, ${below ? "below" : "above"} its objective of ${objective}.`;
    return [
      {
        severity: "warning",
        environment: name,
        what: sentence,
        since: newest.at,
        action: below ? "Propose a retraining" : "Choose answers to label",
        command: below
          ? `npx peregrine retrain propose --stack dev --why ${quoted(sentence)}`
          : `npx peregrine label export labels --stack ${name}`,
        evidence: { what: series.query },
      },
    ];
  };
  const measured = missed("Measured mAP50", map50, objectives.map50);
  return [
    ...measured,
    ...missed("Measured F1", f1, objectives.f1),
    ...(latest(map50) ? [] : missed("Estimated mAP50", estimatedMap50, objectives.map50)),
    ...missed("Label lag in hours", labelLagHours, objectives.labelLagHours, false),
  ];
}

function violations({ name, violations: read }: EnvironmentFacts): AttentionItem[] {
  return valueOf(read, { open: [], entries: [] }).open.map(({ violation, resource, since, rung, actor }) => ({
    severity: rung === "escalated" ? "critical" : "warning",
    environment: name,
    what: `${violation} of ${resource}: ${rung}${actor ? `, by ${actor}` : ""}.`,
    since,
    action: "See its remediation",
    command: `npx peregrine remediation --stack ${name}`,
    evidence: evidenceOf(read),
  }));
}

function forecasts({ name, forecasts: read }: EnvironmentFacts): AttentionItem[] {
  const page = valueOf(read, undefined);
  return Object.entries(page?.series ?? {}).flatMap(([series, { verdict, outlook }]): AttentionItem[] => {
    if (!["breached", "at-risk", "will-breach"].includes(verdict)) return [];
    const chance = "unknown" in outlook ? "" : `, with a chance of ${Math.round(100 * outlook.willBreach)} %`;
    return [
      {
        severity: verdict === "will-breach" ? "info" : "warning",
        environment: name,
        what: `The forecast of ${series} says ${verdict}${chance}.`,
        since: page && `${page.day}T00:00:00Z`,
        action: "See the forecast",
        command: `npx peregrine forecast --stack ${name}`,
        evidence: evidenceOf(read),
      },
    ];
  });
}

function approvals({ name, packages }: EnvironmentFacts): AttentionItem[] {
  return valueOf(packages, [])
    .filter(({ approval }) => approval === "PendingManualApproval")
    .map(({ arn, created }) => ({
      severity: "info",
      environment: name,
      what: `${versionName(arn)} waits for an approver.`,
      since: created,
      action: "Decide about it",
      command: `npx peregrine decision show ${quoted(arn)}`,
      evidence: evidenceOf(packages),
    }));
}

/** What the newest decision about a retraining asks of people. */
function labels({ name, retraining }: EnvironmentFacts): AttentionItem[] {
  const newest = valueOf(retraining, []).at(-1);
  if (newest?.verdict !== "wait" || newest.ask === undefined) return [];
  return [
    {
      severity: "info",
      environment: name,
      what: `A retraining waits (${newest.proposal.reason}): ${newest.ask}`,
      since: newest.at,
      action: "See the decision",
      command: `npx peregrine retrain decisions --stack ${name}`,
      evidence: evidenceOf(retraining),
    },
  ];
}

function experiments({ name, running, experiments: all }: EnvironmentFacts): AttentionItem[] {
  const newest = valueOf(all, []).at(-1);
  const { ending } = valueOf(running, {});
  if (!newest || newest.ended || !ending) return [];
  return [
    {
      severity: "info",
      environment: name,
      what: `Experiment ${newest.id} has its verdict, ${ending.outcome}, and its challenger is still there.`,
      since: newest.designed.at,
      action: "See it",
      command: `npx peregrine experiment status --stack ${name}`,
      evidence: evidenceOf(running),
    },
  ];
}

/** A release that went wrong is told until another one went live. */
function lastRelease({ name, releases: read }: EnvironmentFacts): AttentionItem[] {
  const releases = valueOf(read, []);
  const last = releases.at(-1);
  if (!last || last.outcome === "live" || last.releaseId === liveRelease(releases)?.releaseId) return [];
  return [
    {
      severity: last.outcome === "rejected" ? "info" : "warning",
      environment: name,
      what: `The last release, ${shortVersion(last.modelPackageArn)}, was ${last.outcome}: ${last.reasons[0] ?? "no reason was recorded"}`,
      since: last.endedAt,
      action: "See the release",
      command: `npx peregrine release show ${last.releaseId} --stack ${name}`,
      evidence: { what: `ledger entry ${last.entry.sequence} of ${name}` },
    },
  ];
}

function log({ name, log: read }: EnvironmentFacts): AttentionItem[] {
  const { ok, problems } = valueOf(read, { ok: true, problems: [], size: 0, entries: [] });
  if (ok) return [];
  return [
    {
      severity: "critical",
      environment: name,
      what: `The log does not hold: ${problems[0] ?? "it says nothing more"}.`,
      since: undefined,
      action: "Verify it",
      command: `npx peregrine audit verify --stack ${name}`,
      evidence: evidenceOf(read),
    },
  ];
}

/** What could not be read is not well. */
function unread(environment: EnvironmentFacts): AttentionItem[] {
  const { name } = environment;
  const missing = Object.entries(environment).filter(
    (entry): entry is [string, { unread: string }] =>
      typeof entry[1] === "object" && entry[1] !== null && "unread" in entry[1],
  );
  if (missing.length === 0) return [];
  return [
    {
      // A role that sees less is as it ought to be.
      severity: missing.every(([, { unread: why }]) => why === mayNot) ? "info" : "warning",
      environment: name,
      what: `Could not be read: ${missing.map(([what, { unread: why }]) => `${what} (${why})`).join("; ")}.`,
      since: undefined,
      action: "Examine",
      command: `npx peregrine doctor --stack ${name}`,
      evidence: { what: "what this dashboard read" },
    },
  ];
}
