import { ContextKeyTypeEnum, IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { type AwsSession, clientSettings } from "./session";

export interface Simulated {
  readonly decision: "allowed" | "explicitDeny" | "implicitDeny";
  /** Whether the role's boundary and the organisation leave it to the policies. */
  readonly boundaryAllows: boolean;
  readonly organizationAllows: boolean;
  /** Names of the policies that decided. */
  readonly policies: readonly string[];
  /** Condition keys that policies ask for and that the simulation was not given. */
  readonly missing: readonly string[];
}

/**
 * IAM's policy simulator. It knows policies, boundary and organisation of a role; policies of resources it does not
 * take for roles (IAM API).
 */
export class Simulator {
  private readonly client: IAMClient;

  constructor(session: AwsSession) {
    this.client = new IAMClient(clientSettings(session));
  }

  /** One action on one resource, in the given context. @throws NoSuchEntityException where the role does not exist. */
  async ask(
    roleArn: string,
    action: string,
    resource: string,
    context: Readonly<Record<string, string | readonly string[]>>,
  ): Promise<Simulated> {
    const ContextEntries = Object.entries(context).map(([ContextKeyName, value]) => ({
      ContextKeyName,
      ContextKeyType: typeof value === "string" ? ContextKeyTypeEnum.STRING : ContextKeyTypeEnum.STRING_LIST,
      ContextKeyValues: [value].flat(),
    }));
    const { EvaluationResults = [] } = await this.client.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: roleArn,
        ActionNames: [action],
        ResourceArns: [resource],
        ContextEntries,
      }),
    );
    const all = EvaluationResults[0]!;
    const own = all.ResourceSpecificResults?.[0];
    return {
      decision: (own?.EvalResourceDecision ?? all.EvalDecision) as Simulated["decision"],
      boundaryAllows:
        (own?.PermissionsBoundaryDecisionDetail ?? all.PermissionsBoundaryDecisionDetail)
          ?.AllowedByPermissionsBoundary ?? true,
      organizationAllows: all.OrganizationsDecisionDetail?.AllowedByOrganizations ?? true,
      policies: (own?.MatchedStatements ?? all.MatchedStatements ?? []).flatMap(
        ({ SourcePolicyId }) => SourcePolicyId ?? [],
      ),
      missing: own?.MissingContextValues ?? all.MissingContextValues ?? [],
    };
  }
}
