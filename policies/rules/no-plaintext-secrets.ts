import { nistAi } from "../frameworks";
import { blockOf, blocksOf, type Inputs, isGiven, orUnknown } from "../inputs";
import { definitionOf } from "../pipeline";
import { byType, defineRule } from "../rule";
import { types } from "../types";

const secretName = /(^|_|-)(password|passwd|secret|token|api_?key|access_?key|private_?key|credentials?)($|_|-)/i;
/** Names that only say where a secret lies. */
const reference = /(_|-)?(arn|name|id|uri|url|path|file|parameter)$/i;
/** Access keys of AWS, private keys, tokens of GitHub and Pulumi. */
const secretValue =
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{36}|\bpul-[0-9a-f]{40}\b/;

export const noPlaintextSecrets = defineRule({
  name: "no-plaintext-secrets",
  description: "No secret is stored in an environment variable, a pipeline's definition or a plain parameter.",
  rationale: "Whoever may describe the resource can read it there, and so can every log of a deployment.",
  severity: "critical",
  framework: nistAi("MAP 4.1", "Risks of credentials and third-party access are controlled"),
  remediationSteps: "Keep it in Secrets Manager or in a SecureString parameter, and pass its name.",
  url: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/intro.html",
  ...byType({
    *[types.function](props) {
      yield* variables(blockOf(blockOf(props, "environment"), "variables"));
    },
    *[types.model](props) {
      for (const container of [...blocksOf(props, "primaryContainer"), ...blocksOf(props, "containers")])
        yield* variables(blockOf(container, "environment"));
    },
    *[types.pipeline](props) {
      for (const { Name, Arguments } of definitionOf(props)?.steps ?? [])
        for (const problem of variables(Arguments?.["Environment"] as Inputs | undefined))
          yield `Step ${Name}: ${problem}`;
    },
    *"aws:codebuild/project:Project"(props) {
      const plain = blocksOf(blockOf(props, "environment"), "environmentVariables").filter(
        (one) => (one["type"] ?? "PLAINTEXT") === "PLAINTEXT",
      );
      for (const one of plain) yield* variables({ [String(one["name"])]: orUnknown(() => one["value"]) ?? "" });
    },
    *"aws:ssm/parameter:Parameter"(props, _config, { name }) {
      if (props["type"] === "SecureString") return;
      if (secretName.test(name) && !reference.test(name) && isGiven(props, "value"))
        yield `The parameter ${name} reads like a secret, and its type is ${String(props["type"])}.`;
    },
  }),
});

function* variables(environment: Inputs | undefined): Iterable<string> {
  for (const name of Object.keys(environment ?? {})) {
    const value = orUnknown(() => environment![name]);
    if (secretName.test(name) && !reference.test(name)) yield `The variable ${name} reads like a secret.`;
    else if (typeof value === "string" && secretValue.test(value)) yield `The value of ${name} is a credential.`;
  }
}
