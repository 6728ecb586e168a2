import { join } from "node:path";
import { environmentTags } from "../../contract/names";
import type { Caller, Call, Requirement } from "../../local/call";
import { Cloud } from "../../local/cloud";
import type { Service } from "../../local/service";
import { createAuthoriser, type IamAuthoriser } from "../../local/iam/authorise";
import { bootstrapAccount } from "../../local/iam/bootstrap";
import { credentialsOf } from "../../local/iam/credentials";
import type { Decision } from "../../local/iam/evaluate";
import type { Principal } from "../../local/iam/principal";
import { BotocoreModels } from "../../local/model/models";
import { createIam } from "../../local/services/iam";
import { createSts } from "../../local/services/sts";
import { projectDir } from "../project";
import type { IamRequest } from "./iam-requests";

/** A role as it was rendered: the texts of its identity policies and of its boundary. */
export interface RoleTexts {
  readonly name: string;
  readonly path: string;
  readonly policies: readonly string[];
  /** Those of `policies` that are attached; the others are inline. */
  readonly attached: readonly string[];
  readonly boundary?: string;
}

const tags = environmentTags("dev");

/**
 * An account in this process with IAM and STS alone, so that a measurement sees the evaluator and nothing around it.
 */
export class IamAccount {
  private readonly cloud = new Cloud({ models: new BotocoreModels({ venv: join(projectDir, ".venv") }) });
  private readonly authoriser: IamAuthoriser = createAuthoriser(this.cloud);
  private readonly administrator: Principal;

  constructor() {
    this.cloud.authoriser = this.authoriser;
    for (const service of [createIam(this.cloud), createSts(this.cloud)]) this.cloud.register(service);
    this.administrator = bootstrapAccount(this.cloud).principal;
  }

  /** Creates the role. @returns a session of it. */
  async sessionOf({ name, path, policies, attached, boundary }: RoleTexts): Promise<Principal> {
    const trust = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: this.cloud.accountId }, Action: "sts:AssumeRole" }],
    });
    const bounded = boundary && {
      PermissionsBoundary: (
        await this.call("iam", "CreatePolicy", { PolicyName: `${name}-boundary`, PolicyDocument: boundary })
      ).Policy.Arn as string,
    };
    const { Role } = await this.call("iam", "CreateRole", {
      RoleName: name,
      Path: path,
      AssumeRolePolicyDocument: trust,
      ...bounded,
    });
    for (const [at, text] of policies.entries()) {
      const PolicyName = `${name}-${at}`;
      if (!attached.includes(text))
        await this.call("iam", "PutRolePolicy", { RoleName: name, PolicyName, PolicyDocument: text });
      else
        await this.call("iam", "AttachRolePolicy", {
          RoleName: name,
          PolicyArn: (await this.call("iam", "CreatePolicy", { PolicyName, PolicyDocument: text })).Policy.Arn,
        });
    }
    const { Credentials } = await this.call("sts", "AssumeRole", { RoleArn: Role.Arn, RoleSessionName: "bench" });
    return credentialsOf(this.cloud)(Credentials.AccessKeyId as string)!.principal;
  }

  /** A request that is ready to be decided, again and again. */
  prepare({ action, resource, context }: IamRequest, principal: Principal): () => Decision {
    const [id = "", operation = ""] = action.split(":");
    const requirement: Requirement = { action, resource, context };
    const service: Service = {
      id,
      operations: {},
      permissions: { [operation]: () => [requirement] },
      tagsOf: () => tags,
    };
    const call: Call = {
      service: id,
      operation,
      principal,
      caller: this.caller(principal),
      requestId: "bench",
      now: this.cloud.clock.now(),
    };
    return () => this.authoriser.rule(service, {}, call)[0]!.decision;
  }

  private async call(service: string, operation: string, input: object): ReturnType<Cloud["as"]> {
    return this.cloud.as(this.administrator, service, operation, input, "bench");
  }

  private caller(principal: Principal): Caller {
    return { principal, sourceIp: "127.0.0.1", userAgent: "bench" };
  }
}
