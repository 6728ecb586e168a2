import type { Cloud, Handler, Members } from "../../cloud";
import { fixedContext } from "../../iam/context";
import { evaluate, type Decision, type NamedPolicy, type PolicySet } from "../../iam/evaluate";
import { boundaryOf, identityPolicies, serviceControlOf } from "../../iam/holdings";
import { compilePolicy } from "../../iam/policy";
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
        boundary: given(input.PermissionsBoundaryPolicyInputList, "PermissionsBoundaryPolicyInputList")[0] ?? boundaryOf(records, holder),
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
  return ((texts as string[] | undefined) ?? []).map((text, index) => ({ name: `${name}.${index + 1}`, policy: compilePolicy(text, "identity") }));
}

function simulate(cloud: Cloud, input: Members, policies: PolicySet): Members {
  const caller = String(input.CallerArn ?? input.PolicySourceArn ?? `arn:aws:iam::${cloud.accountId}:user/simulated`);
  const principal: Principal = { type: caller.includes(":role/") ? "role" : "user", arn: caller, accountId: cloud.accountId, id: "simulated" };
  const entries = ((input.ContextEntries as Members[] | undefined) ?? []).map((entry) => [String(entry.ContextKeyName), (entry.ContextKeyValues as string[] | undefined) ?? []] as const);
  const lookup = fixedContext({ "aws:PrincipalArn": caller, "aws:PrincipalAccount": cloud.accountId, "aws:CurrentTime": cloud.clock.now().toISOString(), ...Object.fromEntries(entries) });
  const resource: NamedPolicy | undefined =
    input.ResourcePolicy === undefined ? undefined : { name: "ResourcePolicy", policy: compilePolicy(String(input.ResourcePolicy), "resource") };
  const results = (input.ActionNames as string[]).flatMap((action) =>
    ((input.ResourceArns as string[] | undefined) ?? ["*"]).map((arn) =>
      result(action, arn, evaluate({ action, resource: arn, principal, lookup }, { ...policies, resource }), policies),
    ),
  );
  return listed("EvaluationResults", results, input);
}

function result(action: string, resource: string, decision: Decision, policies: PolicySet): Members {
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: decision.allowed ? "allowed" : decision.explicit ? "explicitDeny" : "implicitDeny",
    MatchedStatements: decision.policy === undefined ? [] : [{ SourcePolicyId: decision.policy.slice(decision.policy.lastIndexOf("/") + 1), SourcePolicyType: "IAM Policy" }],
    MissingContextValues: [],
    ...(policies.serviceControl && { OrganizationsDecisionDetail: { AllowedByOrganizations: decision.layer !== "service-control" } }),
    ...(policies.boundary && { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: decision.layer !== "boundary" } }),
  };
}
