import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { fixedContext } from "../../iam/context";
import { evaluate, type Decision, type NamedPolicy, type PolicySet } from "../../iam/evaluate";
import { boundaryOf, identityPolicies, serviceControlOf } from "../../iam/holdings";
import { compilePolicy } from "../../iam/policy";
import type { Lookup } from "../../iam/pattern";
import type { Principal } from "../../iam/principal";
import { iamRecords, type PolicyHolder } from "../../iam/records";
import { listed, noSuchEntity } from "./answers";

/** The policy simulator: the same evaluator that guards every request. */
export function simulationOperations(cloud: Cloud): Record<string, Handler> {
  return {
    SimulatePrincipalPolicy: (input) => {
      const holder = holderByArn(cloud, String(input.PolicySourceArn));
      const records = iamRecords(cloud);
      return simulate(cloud, input, {
        identity: [...identityPolicies(records, holder), ...given(input.PolicyInputList, "PolicyInputList")],
        boundary:
          given(input.PermissionsBoundaryPolicyInputList, "PermissionsBoundaryPolicyInputList")[0] ??
          boundaryOf(records, holder),
        serviceControl: serviceControlOf(records),
      });
    },
    SimulateCustomPolicy: (input) =>
      simulate(cloud, input, {
        identity: given(input.PolicyInputList, "PolicyInputList"),
        boundary: given(input.PermissionsBoundaryPolicyInputList, "PermissionsBoundaryPolicyInputList")[0],
      }),
  };
}

function holderByArn(cloud: Cloud, arn: string): PolicyHolder {
  const records = iamRecords(cloud);
  for (const table of [records.roles, records.users, records.groups]) {
    for (const holder of table.values() as Iterable<PolicyHolder>) if (holder.arn === arn) return holder;
  }
  throw noSuchEntity(`Entity ${arn} not found.`);
}

function given(texts: unknown, name: string): NamedPolicy[] {
  return ((texts as string[] | undefined) ?? []).map((text, index) => ({
    name: `${name}.${index + 1}`,
    policy: compilePolicy(text, "identity"),
  }));
}

function simulate(cloud: Cloud, input: Members, policies: PolicySet): Members {
  const caller = String(input.CallerArn ?? input.PolicySourceArn ?? `arn:aws:iam::${cloud.accountId}:user/simulated`);
  // IAM API, SimulatePrincipalPolicy: "You cannot specify the ARN of an assumed role, federated user, or a service
  // principal."
  if (!/^arn:aws[\w-]*:iam::\d{12}:(user|role|group)\//.test(caller))
    throw new AwsError("InvalidInput", `${caller} is not the ARN of an IAM user, group, or role.`);
  if (input.ResourcePolicy !== undefined && caller.includes(":role/"))
    throw new AwsError("InvalidInput", "Simulation of resource-based policies isn't supported for IAM roles.");
  const principal: Principal = {
    type: caller.includes(":role/") ? "role" : "user",
    arn: caller,
    accountId: cloud.accountId,
    id: "simulated",
  };
  const entries = ((input.ContextEntries as Members[] | undefined) ?? []).map(
    (entry) => [String(entry.ContextKeyName), (entry.ContextKeyValues as string[] | undefined) ?? []] as const,
  );
  const lookup = fixedContext({
    "aws:PrincipalArn": caller,
    "aws:PrincipalAccount": cloud.accountId,
    "aws:CurrentTime": cloud.clock.now().toISOString(),
    ...Object.fromEntries(entries),
  });
  const resource: NamedPolicy | undefined =
    input.ResourcePolicy === undefined
      ? undefined
      : { name: "ResourcePolicy", policy: compilePolicy(String(input.ResourcePolicy), "resource") };
  const arns = (input.ResourceArns as string[] | undefined) ?? ["*"];
  const results = (input.ActionNames as string[]).map((action) =>
    together(
      action,
      arns.map((arn) =>
        result(
          arn,
          evaluate({ action, resource: arn, principal, lookup }, { ...policies, resource }),
          policies,
          missing(action, arn, lookup, { ...policies, resource }),
        ),
      ),
    ),
  );
  return listed("EvaluationResults", results, input);
}

/**
 * The keys that statements about the action and the resource ask for and that nobody gave; service control policies are
 * not looked at (IAM API, EvaluationResult).
 */
function missing(action: string, arn: string, lookup: Lookup, { identity, boundary, resource }: PolicySet): string[] {
  const statements = [...identity, ...(boundary ? [boundary] : []), ...(resource ? [resource] : [])].flatMap(
    ({ policy }) => Object.values(policy.statementsOf(action.toLowerCase())).flat(),
  );
  const keys = statements
    .filter((statement) => statement.matchesResource(arn, lookup))
    .flatMap(({ conditionKeys }) => conditionKeys);
  return [...new Set(keys)].filter((key) => lookup(key.toLowerCase()) === undefined).sort();
}

const severity = ["explicitDeny", "implicitDeny", "allowed"];

/**
 * One action's answer: the strictest decision over its resources, and each resource's own. The template of the resource
 * type that AWS names is not known here.
 */
function together(action: string, each: readonly Members[]): Members {
  const strictest = [...each].sort(
    (a, b) => severity.indexOf(a.EvalResourceDecision as string) - severity.indexOf(b.EvalResourceDecision as string),
  )[0]!;
  const { OrganizationsDecisionDetail, PermissionsBoundaryDecisionDetail } = strictest;
  return {
    EvalActionName: action,
    EvalResourceName: "*",
    EvalDecision: strictest.EvalResourceDecision,
    MatchedStatements: each.flatMap(({ MatchedStatements }) => MatchedStatements as Members[]),
    MissingContextValues: [...new Set(each.flatMap(({ MissingContextValues }) => MissingContextValues as string[]))],
    ...(OrganizationsDecisionDetail ? { OrganizationsDecisionDetail } : {}),
    ...(PermissionsBoundaryDecisionDetail ? { PermissionsBoundaryDecisionDetail } : {}),
    ResourceSpecificResults: each.map(({ OrganizationsDecisionDetail: _, ...own }) => own),
  };
}

function result(resource: string, decision: Decision, policies: PolicySet, missingValues: readonly string[]): Members {
  return {
    EvalResourceName: resource,
    EvalResourceDecision: decision.allowed ? "allowed" : decision.explicit ? "explicitDeny" : "implicitDeny",
    MatchedStatements:
      decision.policy === undefined
        ? []
        : [
            {
              SourcePolicyId: decision.policy.slice(decision.policy.lastIndexOf("/") + 1),
              SourcePolicyType: "IAM Policy",
            },
          ],
    MissingContextValues: missingValues,
    ...(policies.serviceControl && {
      OrganizationsDecisionDetail: { AllowedByOrganizations: decision.layer !== "service-control" },
    }),
    ...(policies.boundary && {
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: decision.layer !== "boundary" },
    }),
  };
}
