import type { Caller } from "../../../local/call";
import { Cloud, type CloudOptions } from "../../../local/cloud";
import type { Members } from "../../../local/members";
import type { Service } from "../../../local/service";
import { createAuthoriser, type IamAuthoriser } from "../../../local/iam/authorise";
import { bootstrapAccount, type Administrator } from "../../../local/iam/bootstrap";
import { credentialsOf } from "../../../local/iam/credentials";
import type { Principal } from "../../../local/iam/principal";
import { BotocoreModels } from "../../../local/model/models";
import type { ServiceModels } from "../../../local/model/service-models";
import { createIam } from "../../../local/services/iam";
import { createSts } from "../../../local/services/sts";

/** Models that know nothing: for tests whose services are made up. */
const unchecked: ServiceModels = {
  validate: () => [],
  has: () => false,
  service: (name) => {
    throw new Error(`no model of ${name}`);
  },
};

/** botocore's models, loaded once for all tests. */
export const officialModels = new BotocoreModels();

/** An account with IAM and STS only; requests are authorised, their shapes are not checked. */
export class Account {
  readonly cloud: Cloud;
  readonly admin: Principal;
  readonly administrator: Administrator;
  readonly authoriser: IamAuthoriser;

  constructor(services: readonly Service[] = [], options: Partial<CloudOptions> = {}) {
    this.cloud = new Cloud({ models: unchecked, ...options });
    this.authoriser = createAuthoriser(this.cloud);
    this.cloud.authoriser = this.authoriser;
    for (const service of [createIam(this.cloud), createSts(this.cloud), ...services]) this.cloud.register(service);
    this.administrator = bootstrapAccount(this.cloud);
    this.admin = this.administrator.principal;
  }

  /** Calls as a principal, the administrator unless named. */
  async call(service: string, operation: string, input: Members = {}, principal = this.admin): Promise<Members> {
    const caller: Caller = { principal, sourceIp: "127.0.0.1", userAgent: "test" };
    return (await this.cloud.call(service, operation, input, caller)) as Members;
  }

  /** A role that trusts the account, with one inline policy. @returns its ARN. */
  async role(name: string, policy?: object, more: Members = {}): Promise<string> {
    const trust =
      more.AssumeRolePolicyDocument ??
      document(allow("sts:AssumeRole", undefined, { Principal: { AWS: this.cloud.accountId } }));
    const { Role } = await this.call("iam", "CreateRole", { RoleName: name, ...more, AssumeRolePolicyDocument: trust });
    if (policy)
      await this.call("iam", "PutRolePolicy", {
        RoleName: name,
        PolicyName: "inline",
        PolicyDocument: JSON.stringify(policy),
      });
    return Role.Arn as string;
  }

  /** A session of a role, as the gateway would know its holder. */
  async assume(roleArn: string, more: Members = {}, by = this.admin): Promise<Principal> {
    const { Credentials } = await this.call(
      "sts",
      "AssumeRole",
      { RoleArn: roleArn, RoleSessionName: "session", ...more },
      by,
    );
    return credentialsOf(this.cloud)(Credentials.AccessKeyId as string)!.principal;
  }
}

/** A policy document with the given statements. */
export function policy(...statements: object[]): object {
  return { Version: "2012-10-17", Statement: statements };
}

export function document(...statements: object[]): string {
  return JSON.stringify(policy(...statements));
}

export function allow(
  action: string | string[],
  resource: string | string[] | undefined = undefined,
  more: object = {},
): object {
  return { Effect: "Allow", Action: action, ...(resource !== undefined && { Resource: resource }), ...more };
}

export function deny(
  action: string | string[],
  resource: string | string[] | undefined = undefined,
  more: object = {},
): object {
  return { Effect: "Deny", Action: action, ...(resource !== undefined && { Resource: resource }), ...more };
}
