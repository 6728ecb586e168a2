import type { AccountFacts, AlarmFacts, DesiredFacts, ServingFacts, WatchFacts } from "../../contract/remediation";
import type { Finding } from "./finding";
import { sameDocument, saysTheSame } from "./same";

export interface SeenEndpoint {
  readonly status: string;
  readonly config: string;
  readonly captures: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface SeenBucket {
  readonly name: string;
  readonly policy: string | undefined;
  readonly versioned: boolean;
  readonly closed: boolean;
}

export interface SeenRole {
  readonly name: string;
  readonly boundary: string | undefined;
  readonly inline: Readonly<Record<string, string>>;
  readonly attached: readonly string[];
}

/** A package that the registry calls approved. */
export interface SeenApproval {
  readonly arn: string;
  /** ARN of who changed it last, where the registry says so. */
  readonly by: string | undefined;
  /** Whether a decision lies beside it. */
  readonly decided: boolean;
}

/** What was looked at, by its part; what was not looked at is absent, and nothing is found there. */
export interface Seen {
  /** Null where there is no endpoint. */
  readonly endpoint?: SeenEndpoint | null;
  readonly alarms?: readonly AlarmFacts[];
  readonly buckets?: readonly SeenBucket[];
  readonly logs?: readonly { readonly name: string; readonly days: number | undefined }[];
  readonly roles?: readonly SeenRole[];
  readonly trail?: readonly { readonly name: string; readonly logging: boolean }[];
  readonly keys?: readonly { readonly id: string; readonly state: string }[];
  readonly rules?: readonly { readonly name: string; readonly enabled: boolean }[];
  readonly schedules?: readonly { readonly name: string; readonly enabled: boolean }[];
  readonly registry?: readonly SeenApproval[];
  readonly functions?: readonly { readonly name: string; readonly code: string }[];
}

/** Compares what is there with what ought to be. What nobody planned is not looked for, but on roles and packages. */
export function findViolations({ account, serving, watch }: DesiredFacts, seen: Seen): Finding[] {
  return [
    ...ofEndpoint(serving, seen.endpoint),
    ...(seen.alarms ? ofAlarms(watch, seen.alarms) : []),
    ...ofBuckets(account, seen.buckets ?? []),
    ...ofLogs(watch, seen.logs ?? []),
    ...ofRoles(account, seen.roles ?? []),
    ...(seen.trail ?? [])
      .filter(({ logging }) => !logging)
      .map(({ name }) => finding("trail-stopped", name, "it records nothing since somebody stopped it")),
    ...ofKeys(seen.keys ?? []),
    ...(seen.rules ?? [])
      .filter(({ enabled }) => !enabled)
      .map(({ name }) => finding("rule-disabled", name, "no event goes on by it")),
    ...(seen.schedules ?? [])
      .filter(({ enabled }) => !enabled)
      .map(({ name }) => ({
        ...finding("schedule-disabled", name, "it starts nothing"),
        called: name.split("/").at(-1)!,
      })),
    ...ofRegistry(account, seen.registry ?? []),
    ...ofFunctions(watch, seen.functions ?? []),
  ];
}

function finding(violation: Finding["violation"], resource: string, ...reasons: string[]): Finding {
  return { violation, resource, called: resource, reasons };
}

/** An endpoint that is being updated is somebody's who will say how it ended; one that is not there is nobody's fault. */
function ofEndpoint({ endpoint }: ServingFacts, seen: SeenEndpoint | null | undefined): Finding[] {
  if (!endpoint || !seen || seen.status !== "InService") return [];
  const missing = Object.entries(endpoint.tags).filter(([name, value]) => seen.tags[name] !== value);
  return [
    ...(seen.captures || !endpoint.captures
      ? []
      : [finding("capture-off", endpoint.name, `its configuration ${seen.config} captures nothing`)]),
    ...(seen.config === endpoint.config || (endpoint.captures && !seen.captures)
      ? []
      : [
          finding(
            "endpoint-config-changed",
            endpoint.name,
            `it serves ${seen.config}, the desired release has ${endpoint.config}`,
          ),
        ]),
    ...(missing.length === 0
      ? []
      : [
          finding(
            "endpoint-tag-removed",
            endpoint.name,
            `its tags lack ${missing.map(([name, value]) => `${name}=${value}`).join(", ")}`,
          ),
        ]),
  ];
}

function ofAlarms({ alarms }: WatchFacts, seen: readonly AlarmFacts[]): Finding[] {
  return alarms.flatMap((wanted) => {
    const found = seen.find(({ AlarmName }) => AlarmName === wanted.AlarmName);
    if (!found) return [finding("alarm-deleted", wanted.AlarmName, "there is no such alarm any more")];
    const changed = Object.keys(wanted).filter((name) => !saysTheSame(wanted[name], found[name]));
    return changed.length === 0
      ? []
      : [finding("alarm-changed", wanted.AlarmName, `somebody changed its ${changed.join(", ")}`)];
  });
}

function ofBuckets({ buckets }: AccountFacts, seen: readonly SeenBucket[]): Finding[] {
  return seen.flatMap((found) => {
    const wanted = buckets.find(({ name }) => name === found.name);
    if (!wanted) return [];
    return [
      ...(wanted.closed && !found.closed
        ? [finding("bucket-public", found.name, "it may be opened to everybody")]
        : []),
      ...(wanted.policy !== undefined && !sameDocument(wanted.policy, found.policy)
        ? [
            finding(
              "bucket-policy-changed",
              found.name,
              found.policy === undefined ? "its policy is gone" : "its policy is another one",
            ),
          ]
        : []),
      ...(wanted.versioned && !found.versioned
        ? [finding("versioning-suspended", found.name, "what is written over is lost")]
        : []),
    ];
  });
}

function ofLogs({ logGroups }: WatchFacts, seen: NonNullable<Seen["logs"]>): Finding[] {
  return seen.flatMap(({ name, days }) => {
    const wanted = logGroups.find((group) => group.name === name);
    if (!wanted || wanted.days === days) return [];
    return [
      finding("log-retention-lifted", name, `it keeps its lines ${days ?? "for ever, no"} days, not ${wanted.days}`),
    ];
  });
}

const needsContent =
  "a function that may write a role's policy may write any policy: an administrator restores it with pulumi up";

function ofRoles({ roles }: AccountFacts, seen: readonly SeenRole[]): Finding[] {
  return seen.flatMap((found) => {
    const wanted = roles.find(({ name }) => name === found.name);
    if (!wanted) return [];
    const of = (violation: Finding["violation"], part: string, reason: string, unfit?: string): Finding => ({
      violation,
      resource: part === "" ? found.name : `${found.name}/${part}`,
      called: found.name,
      reasons: [reason],
      ...(unfit === undefined ? {} : { unfit }),
    });
    return [
      ...Object.entries(found.inline).flatMap(([policy, text]) => {
        const planned = wanted.inline[policy];
        if (planned === undefined) return [of("role-policy-added", policy, `it got a policy ${policy}`)];
        if (sameDocument(planned, text)) return [];
        return [of("role-policy-changed", policy, `its policy ${policy} is another one`, needsContent)];
      }),
      ...found.attached
        .filter((arn) => !wanted.attached.includes(arn))
        .map((arn) => of("role-policy-attached", arn, `it got the managed policy ${arn}`)),
      ...(wanted.boundary === undefined || wanted.boundary === found.boundary
        ? []
        : [of("boundary-removed", "", `its permissions boundary is ${found.boundary ?? "gone"}`)]),
    ];
  });
}

function ofKeys(seen: NonNullable<Seen["keys"]>): Finding[] {
  return seen.flatMap(({ id, state }) => {
    if (state === "PendingDeletion" || state === "PendingReplicaDeletion")
      return [finding("key-deletion", id, "it waits for its deletion, and with it everything that it encrypts")];
    if (state === "Disabled") return [finding("key-disabled", id, "nothing that it encrypts can be opened")];
    return [];
  });
}

/** A status alone releases nothing, since the gate wants a signed decision; all the same nobody but approvers sets it. */
function ofRegistry({ approver }: AccountFacts, seen: readonly SeenApproval[]): Finding[] {
  return seen
    .filter(({ by, decided }) => !decided || (by !== undefined && !isSession(by, approver)))
    .map(({ arn, by, decided }) =>
      finding(
        "wrong-approval",
        arn,
        decided
          ? `${by} changed it last, and only ${approver} decides`
          : "it is approved, and no approver's decision lies beside it",
      ),
    );
}

/** Whether a principal is a role, or a session of it. */
function isSession(principal: string, role: string): boolean {
  const name = role.slice(role.lastIndexOf("/") + 1);
  return principal === role || principal.includes(`:assumed-role/${name}/`);
}

const runsAsOthers =
  "who may write a function's code acts as its role, and one that is stopped answers nobody: an administrator looks at the code, then restores it with pulumi up";

function ofFunctions({ functions }: WatchFacts, seen: NonNullable<Seen["functions"]>): Finding[] {
  return seen.flatMap(({ name, code }) => {
    const wanted = functions.find((one) => one.name === name);
    if (!wanted || wanted.code === code) return [];
    return [{ ...finding("function-code-changed", name, "its code is not what was deployed"), unfit: runsAsOthers }];
  });
}
