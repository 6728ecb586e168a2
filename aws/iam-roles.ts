import { CreateRoleCommand, DeleteRoleCommand, DeleteRolePolicyCommand, IAMClient, paginateListRolePolicies, paginateListRoles, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { type AwsSession, clientSettings } from "./session";
import { tagList } from "./tagging";

/** Roles of one path, each with inline policies only. */
export class Roles {
  private readonly client: IAMClient;

  constructor(
    session: AwsSession,
    private readonly path: `/${string}/`,
  ) {
    this.client = new IAMClient(clientSettings(session));
  }

  /** @param policy what the role may do; nothing where it is left out. @returns its ARN. */
  async create(name: string, trust: string, policy: string | undefined, tags: Readonly<Record<string, string>>): Promise<string> {
    const Tags = tagList(tags);
    const { Role } = await this.client.send(new CreateRoleCommand({ RoleName: name, Path: this.path, AssumeRolePolicyDocument: trust, Tags }));
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
    for await (const page of paginateListRoles({ client: this.client }, { PathPrefix: this.path })) names.push(...(page.Roles ?? []).flatMap(({ RoleName }) => (RoleName?.startsWith(start) ? [RoleName] : [])));
    return names;
  }

  async delete(name: string): Promise<void> {
    for await (const page of paginateListRolePolicies({ client: this.client }, { RoleName: name }))
      for (const PolicyName of page.PolicyNames ?? []) await this.client.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName }));
    await this.client.send(new DeleteRoleCommand({ RoleName: name }));
  }
}
