import { isScalar, parseDocument } from "yaml";
import { z } from "zod";

/** A buildspec cannot be read; the message is what the phase's context says after `YAML_FILE_ERROR`. */
export class BadBuildspec extends Error {}

export const COMMAND_PHASES = ["install", "pre_build", "build", "post_build"] as const;
export type CommandPhase = (typeof COMMAND_PHASES)[number];

/** What to do after a failure: `unsaid` follows CodeBuild's own transitions. */
export type OnFailure = "ABORT" | "CONTINUE" | "unsaid";

export interface PhaseSpec {
  readonly commands: readonly string[];
  readonly finally: readonly string[];
  readonly onFailure: OnFailure;
}

export interface Buildspec {
  readonly shell: "sh" | "bash";
  readonly variables: Readonly<Record<string, string>>;
  /** Variable -> name of a parameter. */
  readonly parameterStore: Readonly<Record<string, string>>;
  readonly exportedVariables: readonly string[];
  readonly phases: Readonly<Record<CommandPhase, PhaseSpec>>;
  /** Directories to keep between builds. */
  readonly cachePaths: readonly string[];
  /** What the buildspec asks for and the local cloud passes over, in words for the log. */
  readonly passedOver: readonly string[];
}

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const texts = z
  .record(z.string(), text)
  .nullish()
  .transform((given) => given ?? {});
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is not a name that a shell takes for a variable");
const commands = z
  .array(text, { error: "must be a list of commands" })
  .nullish()
  .transform((given) => given ?? []);
const phase = z
  .strictObject({
    "on-failure": z.enum(["ABORT", "CONTINUE"], { error: "must be ABORT or CONTINUE in the local cloud" }).optional(),
    "runtime-versions": z.record(z.string(), z.unknown()).nullish(),
    "run-as": z
      .literal("root", { error: "is not switched to by the local cloud: commands run as the user who started it" })
      .optional(),
    commands,
    finally: commands,
  })
  .nullish();
const buildspec = z.looseObject({
  version: z.union([z.literal(0.2), z.literal("0.2")], {
    error: "must be 0.2: the local cloud does not run older versions",
  }),
  "run-as": z
    .literal("root", { error: "is not switched to by the local cloud: commands run as the user who started it" })
    .optional(),
  env: z
    .strictObject({
      shell: z.enum(["bash", "/bin/sh", "/bin/bash", "sh"], { error: "must be bash or /bin/sh" }).optional(),
      variables: texts,
      "parameter-store": texts,
      "exported-variables": z.array(variableName).nullish(),
      "git-credential-helper": z.unknown().optional(),
    })
    .nullish(),
  cache: z.looseObject({ paths: z.array(text, { error: "must be a list of directories" }).nullish() }).nullish(),
  phases: z.strictObject(
    { install: phase, pre_build: phase, build: phase, post_build: phase },
    { error: (issue) => (issue.input === undefined || issue.input === null ? "must be there" : undefined) },
  ),
});

/** Sections that change nothing for commands. */
const PASSED_OVER: Readonly<Record<string, string>> = {
  artifacts: "artifacts are not uploaded: the project has none",
  "secondary-artifacts": "artifacts are not uploaded: the project has none",
  reports: "test reports are not kept",
  proxy: "no proxy is set up",
};

/** Reads a buildspec, version 0.2. @throws BadBuildspec with all problems. */
export function parseBuildspec(source: string): Buildspec {
  const document = parseDocument(source, { prettyErrors: true });
  if (document.errors.length > 0)
    throw new BadBuildspec(document.errors.map((error) => error.message.trim()).join("; "));
  const raw: unknown = document.toJS();
  if (typeof raw !== "object" || raw === null)
    throw new BadBuildspec("a buildspec must be a mapping with version and phases");
  if ("batch" in raw) throw new BadBuildspec("batch: the local cloud runs no batch builds");
  const parsed = buildspec.safeParse(raw);
  if (!parsed.success) throw new BadBuildspec(parsed.error.issues.map((issue) => explain(issue, document)).join("; "));
  const { cache, env, phases } = parsed.data;
  const spec = (name: CommandPhase): PhaseSpec => ({
    commands: phases[name]?.commands ?? [],
    finally: phases[name]?.finally ?? [],
    onFailure: phases[name]?.["on-failure"] ?? "unsaid",
  });
  const versions = COMMAND_PHASES.flatMap((name) => Object.keys(phases[name]?.["runtime-versions"] ?? {}));
  return {
    shell: /bash$/.test(env?.shell ?? "") ? "bash" : "sh",
    variables: env?.variables ?? {},
    parameterStore: env?.["parameter-store"] ?? {},
    exportedVariables: env?.["exported-variables"] ?? [],
    phases: {
      install: spec("install"),
      pre_build: spec("pre_build"),
      build: spec("build"),
      post_build: spec("post_build"),
    },
    cachePaths: cache?.paths ?? [],
    passedOver: [
      ...new Set(Object.keys(raw).flatMap((key) => PASSED_OVER[key] ?? [])),
      ...(versions.length > 0 ? [`runtime-versions (${versions.join(", ")}): the image's own versions run`] : []),
    ],
  };
}

/** CodeBuild's words for the trap it is known for (`- echo a: b` is a mapping in YAML); ours for the rest. */
function explain(issue: z.core.$ZodIssue, document: ReturnType<typeof parseDocument>): string {
  const path = issue.path.map(String);
  const list = path.at(-2);
  if ((list === "commands" || list === "finally") && issue.code === "invalid_union") {
    const node = document.getIn(issue.path, true);
    const at =
      node && typeof node === "object" && "range" in node && !isScalar(node)
        ? (node.range as [number] | undefined)?.[0]
        : undefined;
    const line = at === undefined ? "" : ` at line ${document.toString().slice(0, at).split("\n").length}`;
    return `Expected Commands[${path.at(-1)}] to be of string type: found subkeys instead${line} of phase ${path[1]}; put the command in quotes`;
  }
  return `${path.join(".") || "buildspec"}: ${issue.message}`;
}

/** Whether a project's or build's `buildspec` is the text itself; otherwise it names a file or an S3 object. */
export function isInline(buildspec: string): boolean {
  return buildspec.includes("\n") || /^\s*[{]/.test(buildspec) || /^\s*version\s*:/.test(buildspec);
}
