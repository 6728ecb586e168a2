import { nistAi } from "../frameworks";
import { orUnknown } from "../inputs";
import { byType, defineRule, type Subject } from "../rule";
import { types } from "../types";

/**
 * A digest of the content, then the random suffix that lets an old and a new one of the same content live side by side.
 */
const named = /-[0-9a-f]{8,64}(-[0-9a-f]{7})?$/;

export const contentNamedConfiguration = defineRule({
  name: "content-named-configuration",
  description: "Models and endpoint configurations have a digest of their content in their names.",
  rationale:
    "Both are immutable: under a fixed name a change deletes the one that serves, which stays the live one when an alarm rolls the update back.",
  severity: "high",
  framework: nistAi("MANAGE 4.1", "Deployed models can be told apart and taken back"),
  remediationSteps: "Name them by Names.ofContent (infra/naming.ts) and leave the physical name to Pulumi.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html",
  ...byType({ [types.model]: nameOf, [types.endpointConfiguration]: nameOf }),
});

function* nameOf(props: Subject["props"], _config: object, { name }: Subject): Iterable<string> {
  const physical = orUnknown(() => props["name"] as string | undefined);
  if (!named.test(name) && !(physical && named.test(physical)))
    yield `The name ${physical ?? name} says nothing about the content.`;
}
