import type { ExperimentVerdict } from "../../lifecycle/experiment/verdict";
import type { EnvironmentName } from "../../contract/environments";
import type { EnvironmentFacts, PlatformFacts, Reading } from "../../insight/read-model/facts";
import { queryOf, queryText, type Series, type SeriesName, seriesNames } from "../../insight/read-model/series";
import { releaseId, type RecordedRelease } from "../../records/release";
import type { Experiment } from "../../records/experiment";
import { rows } from "../../automation/roles/matrix/rows";
import { columns } from "../../automation/roles/matrix/expected";
import { effectsFacts, noEffects } from "./effects";
import { priceOf, resource } from "../pricing/recorded";

/** How a platform differs from the usual one. */
export interface Shape {
  /** What every text is that comes from outside: names of files, labels, messages. */
  readonly outside?: (text: string) => string;
  readonly versions?: number;
  /** Points of each series. */
  readonly points?: number;
  readonly change?: (environment: EnvironmentFacts) => EnvironmentFacts;
}

const now = Date.UTC(2026, 10, 30, 12);
export const hoursAgo = (hours: number): string => new Date(now - hours * 3_600_000).toISOString();
export const packageArn = (version: number): string =>
  `arn:aws:sagemaker:eu-central-1:111122223333:model-package/peregrine-dev-detector/${version}`;
const by = "arn:aws:sts::111122223333:assumed-role/peregrine-dev-release-build/build";

/** Three environments that were up for a month, as they are read. */
export function platform(shape: Shape = {}): PlatformFacts {
  const change = shape.change ?? ((one) => one);
  return {
    readAt: new Date(now).toISOString(),
    window: { start: hoursAgo(24 * 30), end: new Date(now).toISOString(), periodSeconds: 3600 },
    environments: (["dev", "staging", "prod"] as const).map((name) => change(environmentFacts(name, shape))),
    down: [],
    matrix: { columns, rows },
  };
}

/** What shows a place. */
const commands: Readonly<Record<string, string>> = {
  "the ledger": "release list",
  looks: "experiment status",
  "CloudWatch DescribeAlarms": "doctor",
  escalations: "alert list",
  alerts: "alert list",
  remediation: "remediation",
  "the ledger of switches": "failover",
  "the forecast": "forecast",
  decisions: "retrain decisions",
  KPIs: "effect",
  "the state and the price table": "cost plan",
  "the log": "audit verify",
};

function environmentFacts(name: EnvironmentName, shape: Shape): EnvironmentFacts {
  const { outside = (text: string) => text, versions = 4 } = shape;
  const read = <Value>(what: string, value: Value): Reading<Value> => ({
    value,
    evidence: { what, command: `npx peregrine ${commands[what] ?? "status"} --stack ${name}` },
  });
  const endpointName = `peregrine-${name}-detector`;
  const serves = name !== "dev";
  const desired = { modelPackageArn: packageArn(versions) };
  return {
    name,
    region: "eu-central-1",
    endpointName,
    objectives: {
      map50: 0.25,
      f1: 0.3,
      labelLagHours: 168,
      latencyP90Ms: 100,
      errorPercent: 5,
      monthlyBudgetUsd: 1500,
    },
    owners: { model: "detectors", serving: "detectors", platform: "vision-platform" },
    serving: read(
      "SageMaker DescribeEndpoint",
      serves
        ? { desired, endpoint: { name: endpointName, status: "InService", configName: "c-1" }, converged: true }
        : { converged: true },
    ),
    packages: read(
      "SageMaker ListModelPackages",
      name === "dev"
        ? Array.from({ length: versions + 1 }, (_, index) => ({
            arn: packageArn(versions + 1 - index),
            approval: index === 0 ? "PendingManualApproval" : "Approved",
            created: hoursAgo(index === 0 ? 6 : (index * 24 * 24) / versions + 30),
          }))
        : [],
    ),
    releases: read("the ledger", serves ? releasesIn(name, versions, outside) : []),
    experiments: read("the ledger", name === "staging" ? [experiment(outside)] : []),
    running: read(
      "looks",
      name === "staging"
        ? { verdict: verdict(outside), percent: 50, requests: { champion: 412, challenger: 398 } }
        : {},
    ),
    alarms: read(
      "CloudWatch DescribeAlarms",
      serves
        ? [
            {
              name: `${endpointName}-latency`,
              state: name === "staging" ? "ALARM" : "OK",
              since: hoursAgo(2),
              reason: outside("Threshold crossed: 1 datapoint (912.0) was greater than the threshold (800.0)"),
              description: outside(
                "Answers take longer than 800 ms.\nSeverity: warning\nArea: serving\nCause: latency\nRunbook: docs/runbooks/endpoint-alarm.md\nNext: npx peregrine doctor --stack staging",
              ),
            },
            { name: `${endpointName}-errors`, state: "OK" },
          ]
        : [],
    ),
    alerts: read(
      "escalations",
      name === "prod"
        ? [
            {
              id: "0a1b2c3d",
              subject: outside("[prod] WARNING: Answers moved away from the test images in fog"),
              body: outside("What: fog"),
              severity: "warning",
              team: outside("models"),
              about: endpointName,
              atMs: now - 5 * 3_600_000,
              steps: 1,
              failed: [],
            },
          ]
        : [],
    ),
    told: read("alerts", {
      incidents: {
        [outside(`${endpointName} drift`)]: {
          severity: "warning",
          sinceMs: now - 6 * 3_600_000,
          decidedMs: now - 5 * 3_600_000,
          alert: "0a1b2c3d",
          held: false,
          signals: [outside(`${endpointName}-drift`)],
          repeats: 3,
        },
      },
      sent: {},
      held: {},
    }),
    violations: read("remediation", {
      open:
        name === "staging"
          ? [
              {
                violation: "bucket-public",
                resource: outside("peregrine-staging-artifacts-111122223333"),
                since: hoursAgo(1),
                rung: "escalated",
                actor: outside("arn:aws:sts::111122223333:assumed-role/admin/eve"),
                tries: 3,
              },
            ]
          : [],
      entries:
        name === "staging"
          ? [
              {
                id: "e-1",
                at: hoursAgo(1),
                environment: name,
                rung: "fix",
                violation: "bucket-public",
                resource: outside("peregrine-staging-artifacts-111122223333"),
                reasons: [outside("the bucket is public")],
                outcome: outside("it is public again"),
              },
            ]
          : [],
    }),
    failover:
      name === "prod"
        ? read("the ledger of switches", {
            server: "champion",
            url: "https://front-door.example",
            switches: [
              { at: hoursAgo(30), from: "champion", to: "hold", reasons: [outside("5 requests in a row failed")] },
              { at: hoursAgo(29.9), from: "hold", to: "champion", reasons: ["3 tries in a row went well"] },
            ],
          })
        : undefined,
    forecasts: read(
      "the forecast",
      name === "prod"
        ? {
            day: "2026-11-29",
            failed: [outside("latency: no metric")],
            series: {
              [outside("disk")]: {
                verdict: "will-breach",
                reasons: [outside("it grows")],
                outlook: {
                  day: "2026-11-29",
                  points: 30,
                  notes: [],
                  level: 71,
                  willBreach: 0.93,
                  horizonDays: 14,
                  interval: [80, 96],
                  crossing: [6, 9, 13],
                },
                score: {
                  warnings: 4,
                  hits: 3,
                  falseWarnings: 1,
                  unjudged: 0,
                  medianLeadDays: 6,
                  brier: 0.08,
                  forecasts: 30,
                  intervalsHeld: 0.9,
                },
              },
            },
          }
        : undefined,
    ),
    retraining: read(
      "decisions",
      name === "dev"
        ? [
            {
              version: 1,
              id: "20261129T100000Z-0123456789ab",
              at: hoursAgo(26),
              decidedAt: hoursAgo(26),
              by: outside("peregrine.model"),
              proposal: {
                trigger: "drift",
                key: "k",
                reason: outside("fog in prod"),
                shortfall: 0.06,
                classes: [],
                slices: [],
              },
              verdict: "wait",
              reasons: [outside("nobody has labelled fog")],
              ask: outside("label 40 answers"),
              facts: {},
              policy: {},
            },
          ]
        : [],
    ),
    metrics: serves
      ? { value: metricsOf(name, endpointName, shape.points ?? 720), evidence: { what: "CloudWatch GetMetricData" } }
      : { value: metricsOf(name, endpointName, 0), evidence: { what: "CloudWatch GetMetricData" } },
    effects: read("KPIs", name === "prod" ? effectsFacts(packageArn(versions), outside) : noEffects),
    price: read(
      "the state and the price table",
      priceOf([
        resource("aws:kms/key:Key", {}, "data"),
        resource("aws:ec2/natGateway:NatGateway", {}, "egress"),
        resource("aws:sagemaker/space:Space", {}, outside("ada")),
        resource("aws:iam/role:Role", {}, outside("role")),
      ]),
    ),
    log: read("the log", {
      ok: true,
      problems: [],
      size: 3,
      root: "q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq80=",
      entries: [0, 1, 2].map((index) => ({
        index,
        entry: {
          schema: "peregrine.log-entry/1" as never,
          id: outside(`entry-${index}`),
          at: hoursAgo(3 - index),
          by: outside(by),
          kind: "change",
          subject: outside(endpointName),
          body: { type: "call.made", event: outside("UpdateEndpoint"), source: "sagemaker.amazonaws.com" },
        },
      })),
    }),
  };
}

function releasesIn(environment: string, versions: number, outside: (text: string) => string): RecordedRelease[] {
  const made = (version: number, hours: number, sequence: number, change: Partial<RecordedRelease> = {}) => {
    const content = {
      modelPackageArn: packageArn(version),
      modelSha256: version.toString(16).padStart(4, "0").repeat(16),
      imageUri: "111122223333.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml:0.1.0",
    };
    return {
      schema: "peregrine.release/1",
      environment,
      releaseId: releaseId(content),
      ...content,
      evaluation: {
        map50: 0.3 + 0.15 * (1 - 1 / version),
        map: 0.2,
        map50Gain: 0.03,
        map50GainCi95: [0.01, 0.05],
        latencyMs: { p50: 8, p99: 12 },
        modelBytes: 10_000_000,
      },
      decision: {
        arn: "arn:aws:sts::111122223333:assumed-role/peregrine-dev-approver/cleo",
        person: outside("cleo"),
        at: hoursAgo(hours + 2),
        why: outside("better in fog"),
        decisionSha256: "cd".repeat(32),
      },
      policyPack: { version: "0.1.0", result: "passed" },
      kind: "promote",
      outcome: "live",
      reasons: [],
      endpointConfigName: "c-1",
      startedAt: hoursAgo(hours + 0.5),
      endedAt: hoursAgo(hours),
      entry: { sequence, hash: "ef".repeat(32), by: outside(by) },
      ...change,
    } as RecordedRelease;
  };
  const first = Array.from({ length: versions }, (_, index) =>
    made(index + 1, ((versions - index) * 24 * 24) / versions, index + 1),
  );
  const failed = made(versions + 1, 4, versions + 1, {
    outcome: "rolled-back",
    reasons: [outside("the golden images were answered worse: oak.jpg")],
    rollout: {
      verdict: "roll back",
      reasons: [outside("more empty answers")],
      served: { new: served, old: served },
    } as RecordedRelease["rollout"],
  });
  return environment === "staging" ? [...first, failed] : first;
}

const served = { requests: 100, answers: 99, errors: 1, slow: 2, empty: 3, unsure: 4 };

function experiment(outside: (text: string) => string): Experiment {
  const model = (version: number) => ({
    modelPackageArn: packageArn(version),
    modelSha256: "ab".repeat(32),
    imageUri: "image:1",
  });
  return {
    id: "x-0123456789ab",
    designed: {
      schema: "peregrine.experiment/1" as never,
      environment: "staging",
      id: "x-0123456789ab",
      at: hoursAgo(20),
      event: "designed",
      mode: "live",
      champion: model(3),
      challenger: model(4),
      design: { metric: { name: outside("f1") }, unit: "flight" },
      plan: { hours: 48 },
    },
    started: undefined,
    ended: undefined,
  };
}

function verdict(outside: (text: string) => string): ExperimentVerdict {
  return {
    verdict: "running",
    reasons: [outside("f1 differs by +0.021, which proves nothing yet")],
    looks: 5,
    endedAt: undefined,
    difference: { mean: 0.021, low: -0.014, high: 0.056 },
    informationShare: 0.42,
    labelled: { champion: 34, challenger: 31 },
  };
}

/** Values that a month of hours has: a day's course, and fog in the last days. */
const courses: Readonly<Record<SeriesName, (hour: number, share: number) => number | undefined>> = {
  requests: (hour) => Math.round(900 + 700 * Math.sin((hour * Math.PI) / 12) + ((hour * 37) % 90)),
  clientErrors: (hour) => (hour % 31 === 0 ? 2 : 0),
  serverErrors: (hour) => (hour % 97 === 0 ? 3 : 0),
  latencyP50: (hour) => 31_000 + 4_000 * Math.sin(hour / 9) + ((hour * 53) % 900),
  latencyP90: (hour) => 61_000 + 8_000 * Math.sin(hour / 9) + ((hour * 53) % 4_000),
  latencyP99: (hour) => 88_000 + 11_000 * Math.sin(hour / 9) + ((hour * 53) % 9_000),
  drift: (hour, share) => 0.3 + 0.1 * Math.sin(hour / 5) + (share > 0.9 ? 1.1 : 0),
  estimatedMap50: (hour, share) => 0.42 + 0.02 * Math.sin(hour / 7) - (share > 0.9 ? 0.12 : 0),
  map50: (hour, share) => (hour % 24 === 0 ? 0.41 + 0.02 * Math.sin(hour / 40) - (share > 0.95 ? 0.1 : 0) : undefined),
  f1: (hour) => (hour % 24 === 0 ? 0.52 + 0.02 * Math.sin(hour / 40) : undefined),
  precision: (hour) => (hour % 24 === 0 ? 0.61 + 0.03 * Math.sin(hour / 50) : undefined),
  recall: (hour) => (hour % 24 === 0 ? 0.47 + 0.02 * Math.cos(hour / 30) : undefined),
  labelCoverage: (hour) => (hour % 24 === 0 ? 0.04 + 0.01 * Math.sin(hour / 60) : undefined),
  labelLagHours: (hour) => (hour % 24 === 0 ? 42 + 8 * Math.sin(hour / 60) : undefined),
};

function metricsOf(environment: string, endpointName: string, points: number): Record<SeriesName, Series> {
  return Object.fromEntries(
    seriesNames.map((name) => {
      const kept = Array.from({ length: points }, (_, index) => {
        const share = index / points;
        const value = courses[name](index, share);
        return value === undefined ? undefined : { time: now - (1 - share) * 30 * 86_400_000, value };
      }).filter((point) => point !== undefined);
      return [
        name,
        {
          times: Float64Array.from(kept, ({ time }) => time),
          values: Float64Array.from(kept, ({ value }) => value),
          query: queryText(queryOf(name, environment, endpointName, 3600)),
        },
      ];
    }),
  ) as Record<SeriesName, Series>;
}
