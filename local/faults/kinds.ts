import { z } from "zod";

/** Names as SageMaker takes them (endpoint, variant, configuration: 63 characters). */
const resourceName = z
  .string()
  .regex(
    /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/,
    "must be a name as SageMaker takes it: letters, digits and inner hyphens, at most 63",
  );
const text = z.string().min(1, "must not be empty");

/** What every fault may say: after how many times it is spent. Without it, it lasts until it is cleared. */
const limited = { times: z.number().int().min(1, "must be at least 1").optional() };
/**
 * Which serving containers a fault hits. `config` picks the fleet of one endpoint configuration, so that only the new
 * fleet of an update breaks.
 */
const serving = {
  endpoint: resourceName,
  variant: resourceName.optional(),
  config: resourceName.optional(),
  ...limited,
};
/** The share of requests that a fault hits. */
const shared = { share: z.number().gt(0, "must be greater than 0").max(1, "must be at most 1").default(1) };
const operation = {
  service: text,
  operation: text.regex(/^[A-Z][A-Za-z0-9]*$/, "must be an operation's name, for example UpdateEndpoint"),
};

const schemas = {
  crash: z.strictObject({ kind: z.literal("crash"), ...serving, when: z.enum(["starting", "up"]).default("up") }),
  // SageMaker waits 60 seconds: what takes longer is a hang.
  slow: z.strictObject({
    kind: z.literal("slow"),
    ...serving,
    ...shared,
    delayMs: z
      .number()
      .int()
      .min(1, "must be at least 1")
      .max(59_999, "must be below SageMaker's 60 seconds: for more use hang"),
  }),
  error: z.strictObject({
    kind: z.literal("error"),
    ...serving,
    ...shared,
    status: z
      .number()
      .int()
      .min(400, "must lie between 400 and 599")
      .max(599, "must lie between 400 and 599")
      .default(500),
  }),
  empty: z.strictObject({ kind: z.literal("empty"), ...serving, ...shared, member: text.default("detections") }),
  absurd: z.strictObject({ kind: z.literal("absurd"), ...serving, ...shared }),
  hang: z.strictObject({ kind: z.literal("hang"), ...serving, ...shared }),
  "out-of-memory": z.strictObject({ kind: z.literal("out-of-memory"), ...serving, ...shared }),
  "failing-job": z.strictObject({
    kind: z.literal("failing-job"),
    jobPrefix: text.optional(),
    jobType: z.enum(["training", "processing"]).optional(),
    times: limited.times.unwrap().default(1),
  }),
  "lost-event": z.strictObject({
    kind: z.literal("lost-event"),
    detailType: text,
    source: text.optional(),
    ...limited,
  }),
  "repeated-event": z.strictObject({
    kind: z.literal("repeated-event"),
    detailType: text,
    source: text.optional(),
    ...limited,
  }),
  throttling: z.strictObject({ kind: z.literal("throttling"), ...operation, ...shared, ...limited }),
  "silent-revert": z.strictObject({
    kind: z.literal("silent-revert"),
    endpoint: resourceName,
    config: resourceName.optional(),
    after: z.enum(["start", "traffic", "bake"]).default("traffic"),
    times: limited.times.unwrap().default(1),
  }),
  "reject-request": z.strictObject({
    kind: z.literal("reject-request"),
    ...operation,
    code: text,
    message: text,
    status: z
      .number()
      .int()
      .min(400, "must lie between 400 and 599")
      .max(599, "must lie between 400 and 599")
      .default(400),
    ...limited,
  }),
} as const;

export type FaultKind = keyof typeof schemas;
/** What a kind of fault is made of, defaults filled in. */
export type FaultOf<K extends FaultKind> = z.output<(typeof schemas)[K]>;
export type FaultDefinition = { [K in FaultKind]: FaultOf<K> }[FaultKind];
/** The same as it is written, defaults left out. */
export type FaultInput = { [K in FaultKind]: z.input<(typeof schemas)[K]> }[FaultKind];
/** The kinds that hit requests on their way through a serving container. */
export type ServingFault = FaultOf<"slow" | "error" | "empty" | "absurd" | "hang" | "out-of-memory">;

/** What happens, for people: in the CLI's help and in the documentation. */
export const faultKinds: Readonly<Record<FaultKind, string>> = {
  crash:
    "kills the serving containers each time they are up again (with --times 1 one of them, once); with --when starting before they are, so that a fleet never comes up",
  slow: "answers --delay-ms later (real time, as model latency is measured)",
  error: "answers with an HTTP status instead of the container's",
  empty: "empties the arrays named by --member in the container's JSON answer",
  absurd: "makes the container's JSON answer nonsense: confidences of 7, boxes far outside of the image",
  hang: "gives no answer until SageMaker's 60 seconds are over (cloud time)",
  "out-of-memory": "kills the container (SIGKILL) while it handles a request, as the kernel's OOM killer does",
  "failing-job": "kills the container of the next job, which fails with an AlgorithmError of exit code 137",
  "lost-event": "EventBridge loses events of a --detail-type",
  "repeated-event": "events of a --detail-type come twice, with two ids, as SageMaker's may",
  throttling: "an operation answers that its rate is exceeded",
  "silent-revert": "an update of an endpoint runs, then ends InService on the old configuration without any alarm",
  "reject-request": "an operation answers an error of your choice",
};

export const faultKindNames = Object.keys(schemas) as FaultKind[];

/** @returns the options of a kind, in camel case, and whether each must be given. */
export function optionsOf(kind: FaultKind): { name: string; required: boolean }[] {
  return Object.entries(schemas[kind].shape as Record<string, z.ZodType>)
    .filter(([name]) => name !== "kind")
    .map(([name, schema]) => ({ name, required: !schema.safeParse(undefined).success }));
}

/** A fault that cannot be: everything that is wrong with it. */
export class WrongFault extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join("; "));
  }
}

/**
 * Reads a fault from outside.
 * @param spell how an option is called where the problems are shown (the CLI writes `--delay-ms` for `delayMs`).
 * @throws WrongFault with all problems.
 */
export function parseFault(value: unknown, spell: (option: string) => string = (option) => option): FaultDefinition {
  const kind: unknown = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  if (typeof kind !== "string" || !(faultKindNames as string[]).includes(kind)) {
    throw new WrongFault([
      `${kind === undefined ? "no kind of fault is given" : `there is no fault ${JSON.stringify(kind)}`}: use one of ${faultKindNames.join(", ")}`,
    ]);
  }
  const parsed = schemas[kind as FaultKind].safeParse(value);
  if (parsed.success) return parsed.data;
  throw new WrongFault(
    parsed.error.issues.flatMap((issue) =>
      problemsOf(issue, kind as FaultKind, value as Record<string, unknown>, spell),
    ),
  );
}

function problemsOf(
  issue: z.core.$ZodIssue,
  kind: FaultKind,
  value: Readonly<Record<string, unknown>>,
  spell: (option: string) => string,
): string[] {
  if (issue.code === "unrecognized_keys") {
    const known = optionsOf(kind)
      .map(({ name }) => spell(name))
      .join(", ");
    return issue.keys.map((key) => `${kind} has no option ${spell(key)} (it has ${known})`);
  }
  const option = String(issue.path[0]);
  if (value[option] === undefined) return [`${kind} needs ${spell(option)}`];
  if (issue.code === "invalid_type")
    return [`${spell(option)} must be a ${issue.expected === "int" ? "whole number" : issue.expected}`];
  if (issue.code === "invalid_value") return [`${spell(option)} must be one of ${issue.values.join(", ")}`];
  return [`${spell(option)} ${issue.message}`];
}
