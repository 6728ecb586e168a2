import { evaluate, type NamedPolicy, type PolicySet } from "../local/iam/evaluate";
import { type CompiledPolicy, compilePolicy } from "../local/iam/policy";
import type { Principal } from "../local/iam/principal";
import type { PolicyKind } from "../local/iam/document";
import type { Policy, Session } from "../lifecycle/access/model";
import type { Evaluator, Request, Verdict } from "../lifecycle/access/evaluator";

interface Holder {
  readonly principal: Principal;
  readonly policies: PolicySet;
}

/**
 * The evaluator that also decides about requests here, asked without a cloud around it. Each policy is compiled once.
 */
export class PolicyEvaluator implements Evaluator {
  decisions = 0;
  private readonly holders = new Map<string, Holder>();
  private readonly compiled = new WeakMap<Policy, NamedPolicy>();

  decide({ session, action, resource, context, resourceAccount, resourcePolicy, policyMustAllow }: Request): Verdict {
    this.decisions += 1;
    const { principal, policies } = this.holderOf(session);
    const kind = action.startsWith("sts:") ? "trust" : "resource";
    const resourceMustAllow = policyMustAllow === true;
    return evaluate(
      { action, resource, principal, lookup: (key) => context[key], resourceAccount, resourceMustAllow },
      resourcePolicy ? { ...policies, resource: this.named(resourcePolicy, kind) } : policies,
    );
  }

  private holderOf(session: Session): Holder {
    let holder = this.holders.get(session.id);
    if (!holder) {
      const { arn, account, type, identity } = session;
      const principal: Principal =
        type === "user"
          ? { type, arn, accountId: account, id: "AIDAPROBE" }
          : {
              type,
              arn: `arn:aws:sts::${account}:assumed-role/${arn.slice(arn.lastIndexOf("/") + 1)}/probe`,
              accountId: account,
              id: "AROAPROBE:probe",
              roleArn: arn,
              sourceIdentity: identity,
            };
      const policies = {
        identity: session.policies
          .filter(({ statements }) => statements.length > 0)
          .map((policy) => this.named(policy, "identity")),
        ...(session.boundary ? { boundary: this.named(session.boundary, "identity") } : {}),
      };
      this.holders.set(session.id, (holder = { principal, policies }));
    }
    return holder;
  }

  private named(policy: Policy, kind: PolicyKind): NamedPolicy {
    let named = this.compiled.get(policy);
    if (!named) this.compiled.set(policy, (named = { name: policy.name, policy: compiled(policy, kind) }));
    return named;
  }
}

function compiled({ statements }: Policy, kind: PolicyKind): CompiledPolicy {
  // One document may hold duties that share a Sid; IAM refuses that, and where it matters another test says so.
  const seen = new Set<string>();
  const unique = statements.map((statement) => {
    const { Sid } = statement;
    if (Sid === undefined || !seen.has(Sid)) return (seen.add(Sid ?? ""), statement);
    return { ...statement, Sid: `${Sid}${seen.size}` };
  });
  return compilePolicy(JSON.stringify({ Version: "2012-10-17", Statement: unique }), kind);
}
