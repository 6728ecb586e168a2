import { type StackOutputs, stackOutputs } from "../../contract/outputs";
import { problemsOf } from "../../contract/json";
import { EnvironmentNotUp, OutputsDamaged } from "../errors";

/**
 * The outputs that a stack's last update left in its state. @param name of the environment.
 * @throws EnvironmentNotUp when it was never brought up, OutputsDamaged naming every output that is missing or wrong.
 */
export function outputsOf(
  name: string,
  resources: readonly { readonly type: string; readonly outputs?: Readonly<Record<string, unknown>> }[],
): StackOutputs {
  const found = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
  const up = `pulumi up --stack ${name} --policy-pack policies`;
  if (!found || Object.keys(found).length === 0)
    throw new EnvironmentNotUp(`Environment ${name} is not up.`, `Bring it up first: ${up}`);
  const parsed = stackOutputs.safeParse(found);
  if (parsed.success) return parsed.data;
  const problems = problemsOf(parsed.error, found).map((problem) => `  - ${problem}`);
  throw new OutputsDamaged(
    `The outputs of ${name}'s stack are not those of this program:\n${problems.join("\n")}`,
    `Update it with this version of the program: ${up}`,
  );
}
