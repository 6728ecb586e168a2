import {
  CreatePolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  paginateListPolicies,
  paginateListRolePolicies,
  paginateListRoles,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { type AwsSession, clientSettings } from "./session";
import { tagList } from "./tagging";

/** Roles of one path, each with inline policies only and, where it is said, a boundary of its own. */
export class Roles {
  private readonly client: IAMClient;

  constructor(
    session: AwsSession,
    private readonly path: `/${string}/`,
  ) {
    this.client = new IAMClient(clientSettings(session));
  }

  /**
   * @param policy what the role may do; nothing where it is left out.
   * @param boundary what it cannot exceed, as a document: a managed policy of the role's name.
   * @returns its ARN.
   */
  async create(
    name: string,
    trust: string,
    policy: string | undefined,
    tags: Readonly<Record<string, string>>,
    boundary?: string,
  ): Promise<string> {
    const Tags = tagList(tags);
    const limit =
      boundary === undefined
        ? {}
        : {
            PermissionsBoundary: (
              await this.client.send(
                new CreatePolicyCommand({ PolicyName: name, Path: this.path, PolicyDocument: boundary, Tags }),
              )
            ).Policy!.Arn,
          };
    const { Role } = await this.client.send(
      new CreateRoleCommand({ RoleName: name, Path: this.path, AssumeRolePolicyDocument: trust, Tags, ...limit }),
    );
    if (policy !== undefined) await this.allow(name, policy);
    return Role!.Arn!;
  }

  /** Replaces what the role may do. */
  async allow(name: string, policy: string): Promise<void> {
    await this.client.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "duties", PolicyDocument: policy }));
  }

  /** Names of the path's roles that start so. */
  async named(start: string): Promise<string[]> {
    const names: string[] = [];
    for await (const page of paginateListRoles({ client: this.client }, { PathPrefix: this.path }))
      names.push(...(page.Roles ?? []).flatMap(({ RoleName }) => (RoleName?.startsWith(start) ? [RoleName] : [])));
    return names;
  }

  async delete(name: string): Promise<void> {
    for await (const page of paginateListRolePolicies({ client: this.client }, { RoleName: name }))
      for (const PolicyName of page.PolicyNames ?? [])
        await this.client.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName }));
    await this.client.send(new DeleteRoleCommand({ RoleName: name }));
  }

  /** ARNs of the path's managed policies whose names start so. */
  async policiesNamed(start: string): Promise<string[]> {
    const arns: string[] = [];
    for await (const page of paginateListPolicies({ client: this.client }, { Scope: "Local", PathPrefix: this.path }))
      arns.push(
        ...(page.Policies ?? []).flatMap(({ PolicyName, Arn }) => (PolicyName?.startsWith(start) ? [Arn!] : [])),
      );
    return arns;
  }

  /** @throws DeleteConflict of IAM while a role still has it. */
  async deletePolicy(PolicyArn: string): Promise<void> {
    await this.client.send(new DeletePolicyCommand({ PolicyArn }));
  }
}
