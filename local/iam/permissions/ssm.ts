import type { Members } from "../../members";
import { each, given, need, type Permissions } from "./requirements";

/**
 * A parameter's ARN has its name without a doubled slash; names may be given as ARNs, with `:version` or `:label`
 * behind.
 */
function parameter(name: unknown): string {
  const text = String(name);
  if (text.startsWith("arn:")) return text;
  return `arn:aws:ssm:::parameter/${text.replace(/^\//, "").replace(/:[^/:]*$/, "")}`;
}

function tagged(input: Members): string {
  const kind = String(input.ResourceType);
  return kind === "Parameter"
    ? parameter(input.ResourceId)
    : `arn:aws:ssm:::${kind.toLowerCase()}/${String(input.ResourceId)}`;
}

/** What Systems Manager's operations require, as far as Parameter Store and documents go; the rest is on "*". */
export const ssmPermissions: Permissions = {
  ...each(
    "GetParameter GetParameterHistory DeleteParameter LabelParameterVersion UnlabelParameterVersion",
    (operation) => (input) => [need(`ssm:${operation}`, parameter(input.Name))],
  ),
  ...each(
    "GetParameters DeleteParameters",
    (operation) => (input) =>
      ((input.Names ?? []) as unknown[]).map((name) => need(`ssm:${operation}`, parameter(name))),
  ),
  // The path keeps its last slash: a policy on `parameter/x/*` lets `/x/` be listed, not `/x`.
  GetParametersByPath: (input) => [
    need(
      "ssm:GetParametersByPath",
      `arn:aws:ssm:::parameter/${String(input.Path).replace(/^\//, "")}`,
      given({ "ssm:Recursive": input.Recursive }),
    ),
  ],
  PutParameter: (input) => [
    need("ssm:PutParameter", parameter(input.Name), given({ "ssm:Overwrite": input.Overwrite })),
    ...((input.Tags as unknown[] | undefined)?.length ? [need("ssm:AddTagsToResource", parameter(input.Name))] : []),
  ],
  DescribeParameters: () => [need("ssm:DescribeParameters", "arn:aws:ssm:::*")],
  ...each("AddTagsToResource RemoveTagsFromResource ListTagsForResource", (operation) => (input) => [
    need(`ssm:${operation}`, tagged(input)),
  ]),
  ...each(
    "GetDocument DescribeDocument CreateDocument UpdateDocument DeleteDocument ListDocumentVersions",
    (operation) => (input) => [need(`ssm:${operation}`, `arn:aws:ssm:::document/${String(input.Name)}`)],
  ),
};
