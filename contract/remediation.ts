import { z } from "zod";
import { prefixes } from "./places";

/** How far violations are healed: not at all, told and recorded only, or fixed. */
export const remediationModes = ["off", "dry-run", "on"] as const;
export type RemediationMode = (typeof remediationModes)[number];

/** What can be wrong after a deployment, each with the part of the account that is looked at for it. */
export const violations = {
  "capture-off": "endpoint",
  "endpoint-config-changed": "endpoint",
  "endpoint-tag-removed": "endpoint",
  "alarm-deleted": "alarms",
  "alarm-changed": "alarms",
  "bucket-public": "buckets",
  "bucket-policy-changed": "buckets",
  "versioning-suspended": "buckets",
  "log-retention-lifted": "logs",
  "role-policy-added": "roles",
  "role-policy-attached": "roles",
  "role-policy-changed": "roles",
  "boundary-removed": "roles",
  "trail-stopped": "trail",
  "key-disabled": "keys",
  "key-deletion": "keys",
  "rule-disabled": "schedules",
  "schedule-disabled": "schedules",
  "wrong-approval": "registry",
  "function-code-changed": "functions",
} as const;
export type Violation = keyof typeof violations;
export type Part = (typeof violations)[Violation];
export const parts = [...new Set(Object.values(violations))] as readonly Part[];
export const violationNames = Object.keys(violations) as readonly Violation[];

/**
 * Calls after which a part of the account may be other than it ought to be, by the source of their events. Each is
 * what somebody does who breaks it, whatever for.
 */
export const watchedCalls: Readonly<Record<string, { readonly part: Part; readonly calls: readonly string[] }>> = {
  "s3.amazonaws.com": {
    part: "buckets",
    calls: [
      "DeleteBucketPolicy",
      "DeleteBucketPublicAccessBlock",
      "DeletePublicAccessBlock",
      "PutBucketPolicy",
      "PutBucketPublicAccessBlock",
      "PutBucketVersioning",
      "PutPublicAccessBlock",
    ],
  },
  "monitoring.amazonaws.com": {
    part: "alarms",
    calls: ["DeleteAlarms", "DisableAlarmActions", "PutMetricAlarm"],
  },
  "iam.amazonaws.com": {
    part: "roles",
    calls: ["AttachRolePolicy", "DeleteRolePermissionsBoundary", "PutRolePermissionsBoundary", "PutRolePolicy"],
  },
  "cloudtrail.amazonaws.com": { part: "trail", calls: ["StopLogging"] },
  "kms.amazonaws.com": { part: "keys", calls: ["DisableKey", "ScheduleKeyDeletion"] },
  "logs.amazonaws.com": { part: "logs", calls: ["DeleteRetentionPolicy", "PutRetentionPolicy"] },
  "events.amazonaws.com": { part: "schedules", calls: ["DisableRule", "PutRule"] },
  "scheduler.amazonaws.com": { part: "schedules", calls: ["UpdateSchedule"] },
  "lambda.amazonaws.com": { part: "functions", calls: ["UpdateFunctionCode", "UpdateFunctionCode20150331v2"] },
  "sagemaker.amazonaws.com": { part: "endpoint", calls: ["DeleteTags", "UpdateEndpoint"] },
};

/** What decides about model packages lies with the registry, though SageMaker tells of it. */
export const registryCalls: readonly string[] = ["CreateModelPackage", "UpdateModelPackage"];

const tags = z.record(z.string(), z.string());

/**
 * What an administrator alone may say: whoever writes it has policies of buckets and limits of roles restored as it
 * says.
 */
export const accountFacts = z.object({
  version: z.literal(1),
  buckets: z.array(
    z.object({ name: z.string(), policy: z.string().optional(), versioned: z.boolean(), closed: z.boolean() }),
  ),
  roles: z.array(
    z.object({
      name: z.string(),
      arn: z.string(),
      boundary: z.string().optional(),
      /** Documents of inline policies, by name. */
      inline: z.record(z.string(), z.string()),
      /** ARNs of managed policies that it has, or may have: a spent budget attaches one. */
      attached: z.array(z.string()),
    }),
  ),
  keys: z.array(z.object({ id: z.string() })),
  trails: z.array(z.object({ name: z.string() })),
  /** ARN of the one role that decides about model packages. */
  approver: z.string(),
});
export type AccountFacts = Readonly<z.infer<typeof accountFacts>>;

/** What release builds say as well: which configuration serves. */
export const servingFacts = z.object({
  version: z.literal(1),
  endpoint: z.object({ name: z.string(), arn: z.string(), config: z.string(), captures: z.boolean(), tags }).optional(),
});
export type ServingFacts = Readonly<z.infer<typeof servingFacts>>;

/** An alarm, as `PutMetricAlarm` takes it. */
export const alarmFacts = z.looseObject({ AlarmName: z.string() });
export type AlarmFacts = Readonly<z.infer<typeof alarmFacts>>;

/** What deployers say as well: whatever watches and reacts. */
export const watchFacts = z.object({
  version: z.literal(1),
  alarms: z.array(alarmFacts),
  logGroups: z.array(z.object({ name: z.string(), days: z.number().int().positive() })),
  rules: z.array(z.object({ name: z.string(), bus: z.string() })),
  schedules: z.array(z.object({ name: z.string(), group: z.string() })),
  /** SHA-256 of the code, in base64, as Lambda says it. */
  functions: z.array(z.object({ name: z.string(), code: z.string() })),
});
export type WatchFacts = Readonly<z.infer<typeof watchFacts>>;

/** What ought to be. The program writes it with each update: as three objects, by who may say it. */
export interface DesiredFacts {
  readonly account: AccountFacts;
  readonly serving: ServingFacts;
  readonly watch: WatchFacts;
}

/** Where the three lie. */
export const factsKeys = {
  account: `${prefixes.accountFacts}facts.json`,
  serving: `${prefixes.servingFacts}facts.json`,
  watch: `${prefixes.watchFacts}facts.json`,
} as const;

/** A violation that is left alone until a day, and why. */
export const waiver = z.object({
  violation: z.enum(violationNames as [Violation, ...Violation[]]),
  /** Name of the resource, or `*`. */
  resource: z.string().min(1),
  /** Last day, UTC. */
  until: z.iso.date(),
  reason: z.string().min(1),
});
export type Waiver = Readonly<z.infer<typeof waiver>>;

/** What the healer remembers of a violation of one resource. */
const incident = z.object({
  id: z.string(),
  violation: z.enum(violationNames as [Violation, ...Violation[]]),
  resource: z.string(),
  /** When it was seen first; again after it was healed. */
  seenMs: z.number(),
  /** Who did it, where an event said so. */
  actor: z.string().optional(),
  /** Fixes that were begun, newest last: also those that held, since what is broken again and again is no accident. */
  tries: z.array(z.number()),
  /** What it stands at. */
  rung: z.enum(["detected", "waiting", "fixing", "verified", "escalated", "recorded"]),
  /** When it last was seen, or was healed. */
  lastMs: z.number(),
  /** When people were told last; also of one that is right again meanwhile. */
  toldMs: z.number().optional(),
});
export type Incident = Readonly<z.infer<typeof incident>>;

/** A call that changed something, as an event told of it. */
const change = z.object({
  atMs: z.number(),
  /** ARN of the role, or of the principal itself. */
  actor: z.string(),
  /** It came from an update of the stack. */
  update: z.boolean(),
  action: z.string(),
  /** The request's parameters: which resource it names. */
  about: z.string(),
});
export type Change = Readonly<z.infer<typeof change>>;

export const remediationState = z.object({
  incidents: z.record(z.string(), incident),
  changes: z.array(change),
  /** The latest time that anything told of: events come late, and time does not run backwards. */
  nowMs: z.number(),
  /** When a storm was told. */
  stormMs: z.number().optional(),
});
export type RemediationState = Readonly<z.infer<typeof remediationState>>;

export const nothingViolated: RemediationState = { incidents: {}, changes: [], nowMs: 0 };

/** What the healer remembers. */
export const remediationStateKey = `${prefixes.remediation}state.json`;

/** Entries, one object each. */
export const remediationEntriesPrefix = `${prefixes.remediation}entries/`;

/** A step of the ladder, as it is recorded. */
export const remediationEntry = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  environment: z.string(),
  rung: z.enum(["detect", "record", "wait", "fix", "verify", "escalate"]),
  violation: z.string(),
  resource: z.string(),
  actor: z.string().optional(),
  reasons: z.array(z.string()),
  outcome: z.string(),
});
export type RemediationEntry = Readonly<z.infer<typeof remediationEntry>>;
