import { nistAi } from "../frameworks";
import { defineRule } from "../rule";
import { types } from "../types";

interface Config {
  /** Whether `pulumi destroy` may delete what holds data together with the data. */
  readonly allowed: boolean;
  /** Whether stateful resources must also be protected, so that Pulumi refuses to delete them at all. */
  readonly protect: boolean;
}

/** What holds data, and the input that deletes it with its contents. */
const stateful: Readonly<Record<string, string | undefined>> = {
  [types.bucket]: "forceDestroy",
  "aws:ecr/repository:Repository": "forceDelete",
  "aws:kms/key:Key": undefined,
  "aws:dynamodb/table:Table": undefined,
  "aws:efs/fileSystem:FileSystem": undefined,
};

export const noForceDestroy = defineRule<Config>({
  name: "no-force-destroy",
  description: "Resources that hold data are not deleted by accident together with their content.",
  rationale: "One wrong word in a program, and models, captured requests and the audit's evidence are gone.",
  severity: "high",
  framework: nistAi("MANAGE 4.3", "Evidence and artefacts survive incidents and errors"),
  remediationSteps:
    "Set deleteWithContents to false; `peregrine teardown` empties deliberately what is to be deleted. Where `protect` is demanded, set that option.",
  url: "https://www.pulumi.com/docs/iac/concepts/options/protect/",
  configSchema: { properties: { allowed: { type: "boolean" }, protect: { type: "boolean" } } },
  defaults: { allowed: false, protect: false },
  appliesTo: (type) => type in stateful,
  *check({ type, props, opts }, { allowed, protect }) {
    const input = stateful[type];
    if (!allowed && input && props[input] === true) yield `${input} is true.`;
    if (protect && !opts.protect) yield "The resource is not protected.";
  },
});
