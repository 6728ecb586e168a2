import { identityPolicies, matches, type Statement, statementsOf, valuesOf } from "../document";
import { securityHub } from "../frameworks";
import { byType, defineRule, type Subject } from "../rule";
import { limitedByKey, overviews, resourceless } from "../resourceless-actions";
import { refersTo } from "../types";

interface Config {
  /** Logical names of managed policies that serve as permissions boundaries; the end of a name is enough. */
  readonly boundaries: readonly string[];
  /** Further actions that may be granted on everything, each for a reason that a person has. */
  readonly everywhere: readonly string[];
}

const managedPolicy = "aws:iam/policy:Policy";

export const noWildcardPermissions = defineRule<Config>({
  name: "no-wildcard-permissions",
  description: "No policy grants all actions of a service, or actions on all resources that could be named.",
  rationale:
    "A wildcard grants permissions that nobody meant to give. Permissions boundaries use wildcards, but grant nothing, and are attached as boundaries only.",
  severity: "critical",
  framework: securityHub("IAM.21", "Customer managed policies do not allow wildcard actions (also IAM.1)"),
  remediationSteps:
    "Name the actions and the resources; where an action supports no resource, see policies/resourceless-actions.ts.",
  url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
  configSchema: {
    properties: {
      boundaries: { type: "array", items: { type: "string" } },
      everywhere: { type: "array", items: { type: "string" } },
    },
  },
  defaults: { boundaries: ["-boundary"], everywhere: [] },
  ...byType<Config>(Object.fromEntries(Object.keys(identityPolicies).map((type) => [type, grants]))),
  *checkStack(resources, { boundaries }) {
    const attachments = resources.filter(({ type }) => /^aws:iam\/\w*[pP]olicyAttachment:/.test(type));
    for (const policy of resources.filter(({ type, name }) => type === managedPolicy && isBoundary(name, boundaries)))
      for (const attachment of attachments)
        if (refersTo(attachment, "policyArn", policy))
          yield {
            message: `The boundary ${policy.name} is attached as a policy, so all its stars are granted.`,
            urn: attachment.urn,
          };
  },
});

function* grants(
  props: Subject["props"],
  { boundaries, everywhere }: Config,
  { type, name }: Subject,
): Iterable<string> {
  if (type === managedPolicy && isBoundary(name, boundaries)) return;
  const exempt = [...resourceless, ...overviews, ...everywhere];
  for (const document of identityPolicies[type]!(props)) {
    for (const statement of statementsOf(document).filter(({ Effect }) => Effect === "Allow")) {
      const where = `Statement ${statement.Sid ?? "without Sid"} of ${name}`;
      if (statement.NotAction !== undefined) yield `${where} allows everything but some actions.`;
      for (const action of valuesOf(statement.Action)) {
        if (/^\*$|^[^:]*:\*+$/.test(action))
          yield `${where} allows all actions of ${action === "*" ? "all services" : action.split(":")[0]}.`;
        else if (
          onEverything(statement) &&
          !exempt.some((pattern) => matches(pattern, action, true)) &&
          !isLimited(statement, action)
        )
          yield `${where} allows ${action} on all resources.`;
      }
    }
  }
}

/** A condition on what the resource is, for example the tags it carries, narrows a star as well as a name would. */
function onEverything({ Resource, NotResource, Condition }: Statement): boolean {
  const all = NotResource !== undefined || valuesOf(Resource).some((resource) => /^[*]+$/.test(resource));
  return all && !/"(aws:ResourceTag\/|kms:ResourceAliases|aws:ResourceAccount)/i.test(JSON.stringify(Condition ?? {}));
}

function isLimited({ Condition }: Statement, action: string): boolean {
  const key = limitedByKey[action];
  return key !== undefined && JSON.stringify(Condition ?? {}).includes(`"${key}"`);
}

function isBoundary(name: string, boundaries: readonly string[]): boolean {
  return boundaries.some((end) => name.endsWith(end));
}
