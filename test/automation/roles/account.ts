import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import AdmZip from "adm-zip";
import { projectDir } from "../../../automation/project-dir";
import { type EnvironmentName, environments } from "../../../contract/environments";
import type { Handler } from "../../../contract/variables";
import type { Members } from "../../../local/members";
import { signInPerson } from "../../../local/iam/people";
import type { LocalCloud, LocalCloudOptions } from "../../../local/server";
import { boundaries } from "../../../infra/identity/boundaries";
import { policyDocument } from "../../../infra/identity/document";
import { trustOf } from "../../../infra/identity/trust";
import type { RoleDescription } from "../../../infra/identity/roles/role-definition";
import { approvalKeyPolicy } from "../../../infra/keys/approval-key";
import { logKeyPolicy } from "../../../infra/keys/log-key";
import { keyPolicy } from "../../../infra/keys/key-policy";
import { writersOnly } from "../../../infra/identity/writers";
import type { Scope } from "../../../infra/scope";
import { tlsOnly } from "../../../infra/storage/bucket";
import type { Session } from "../../../automation/roles/matrix/clients";
import { type MatrixRole, peopleOfMatrix, personOf } from "../../../automation/roles/matrix/expected";
import { allRoles } from "../../../infra/identity/roles/all-roles";
import { trackingOf } from "../../../automation/roles/world/tracking";
import { type Target, targetOf } from "../../../automation/roles/matrix/target";
import { accountId, scopeOf } from "../../support/scope";
import { sdkConfig, startTestCloud } from "../../local/support";

type GovernedOptions = LocalCloudOptions & { readonly scopes?: Partial<Record<EnvironmentName, Scope>> };

/**
 * A local cloud in which the rendered roles of all three environments exist, with their buckets and keys, and nothing
 * else.
 */
export class GovernedAccount {
  private constructor(
    readonly local: LocalCloud,
    readonly targets: Readonly<Record<EnvironmentName, Target>>,
  ) {}

  /** @param scopes of environments whose settings are other than their stack files'. */
  static async start({ scopes = {}, ...options }: GovernedOptions = {}): Promise<GovernedAccount> {
    const local = await startTestCloud({ accountId, ...options });
    const call: Call = (service, operation, input) => administer(local, service, operation, input);
    const targets = {} as Record<EnvironmentName, Target>;
    await call("s3", "CreateBucket", {
      Bucket: scopeOf("dev").settings.dataset.bucket,
      CreateBucketConfiguration: { LocationConstraint: local.cloud.region },
    });
    for (const environment of environments) {
      const scope = scopes[environment] ?? scopeOf(environment);
      await makeRoles(scope, call);
      const keys = await makeStores(scope, call);
      await makeBehindUrl("feedback", scope, call);
      if (scope.settings.frontDoor) await makeBehindUrl("front-door", scope, call);
      targets[environment] = targetOf(scope, keys);
    }
    return new GovernedAccount(local, targets);
  }

  /** A session of a role in its person's name: of people by STS, of services as a service gets it. */
  async session(role: MatrixRole, environment: EnvironmentName): Promise<Session> {
    const { cloud } = this.local;
    const arn = scopeOf(environment).roleArn(role);
    const person = personOf[role];
    if (!peopleOfMatrix.includes(role))
      return cloud.internals.credentials(
        cloud.internals.assume(arn, "sagemaker.amazonaws.com", "matrix", undefined, person),
      );
    return this.take(arn, person!, { RoleSessionName: person, SourceIdentity: person });
  }

  /** A session of a role as STS gives it to the user of a person, who is signed in with a second factor. */
  async take(RoleArn: string, person: string, more: Members): Promise<Session> {
    const { principal } = signInPerson(this.local.cloud, person);
    const { Credentials } = (await this.local.cloud.call(
      "sts",
      "AssumeRole",
      { RoleArn, RoleSessionName: "session", ...more },
      { principal, sourceIp: "127.0.0.1", userAgent: "test" },
    )) as Members;
    return {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
    };
  }

  /** A request of the account's administrator. */
  async administer(service: string, operation: string, input: Members): Promise<Members> {
    return administer(this.local, service, operation, input);
  }

  /** A function as it is built, under the program's role and with its log group. @returns its name. */
  async deploy(scope: Scope, handler: Handler, variables: Readonly<Record<string, string>>): Promise<string> {
    const FunctionName = scope.names.of("function", handler);
    const zip = new AdmZip();
    zip.addFile("index.js", readFileSync(join(projectDir, "functions", "dist", handler, "index.js")));
    await this.administer("lambda", "CreateFunction", {
      FunctionName,
      Role: scope.roleArn(handler),
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: zip.toBuffer() },
      Timeout: 60,
      Environment: { Variables: variables },
    });
    await this.administer("logs", "CreateLogGroup", { logGroupName: `/aws/lambda/${FunctionName}` });
    return FunctionName;
  }

  /** Calls a function that must not fail. @returns what it says. */
  async invoke(FunctionName: string, event: unknown): Promise<string> {
    const { Payload, FunctionError } = await new LambdaClient(sdkConfig(this.local)).send(
      new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }),
    );
    const text = Buffer.from(Payload!).toString("utf8");
    assert.equal(FunctionError, undefined, text);
    return JSON.parse(text) as string;
  }

  /** What is written to the artifacts bucket is encrypted with the environment's key from now on, as the program has it. */
  async encrypt(scope: Scope): Promise<void> {
    const KMSMasterKeyID = this.targets[scope.environment].keyArn;
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID } }];
    await this.administer("s3", "PutBucketEncryption", {
      Bucket: scope.artifactsBucket,
      ServerSideEncryptionConfiguration: { Rules },
    });
  }

  stop(): Promise<void> {
    return this.local.stop();
  }
}

async function administer(
  { cloud, administrator: { principal } }: LocalCloud,
  service: string,
  operation: string,
  input: Members,
): Promise<Members> {
  return (await cloud.call(service, operation, input, {
    principal,
    sourceIp: "127.0.0.1",
    userAgent: "test",
  })) as Members;
}

/** A function with its URL. Switched off: it is asked for rights, and runs nothing. */
async function makeBehindUrl(name: "feedback" | "front-door", scope: Scope, call: Call): Promise<void> {
  const FunctionName = scope.names.of("function", name);
  const code = new AdmZip();
  code.addFile("index.js", Buffer.from("exports.handler = async () => ({ statusCode: 400 });"));
  await call("lambda", "CreateFunction", {
    FunctionName,
    Role: scope.roleArn(name),
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Code: { ZipFile: code.toBuffer() },
  });
  await call("lambda", "PutFunctionConcurrency", { FunctionName, ReservedConcurrentExecutions: 0 });
  await call("lambda", "CreateFunctionUrlConfig", { FunctionName, AuthType: "AWS_IAM" });
}

type Call = (service: string, operation: string, input: Members) => Promise<Members>;

async function makeRoles(scope: Scope, call: Call): Promise<void> {
  const Path = scope.rolePath;
  const policyArn = (name: string) => scope.arns.policy(Path, scope.names.of("policy", name));
  for (const [name, { statements }] of Object.entries(boundaries(scope)))
    await call("iam", "CreatePolicy", {
      PolicyName: scope.names.of("policy", name),
      Path,
      PolicyDocument: policyDocument(statements),
    });
  for (const [name, role] of Object.entries<RoleDescription>(allRoles(scope))) {
    const RoleName = scope.roleName(name);
    await call("iam", "CreateRole", {
      RoleName,
      Path,
      AssumeRolePolicyDocument: trustOf(role, scope, name),
      PermissionsBoundary: policyArn(role.boundary ?? "boundary"),
    });
    for (const { name: PolicyName, document: PolicyDocument, managed } of policiesOf(name, role, scope)) {
      if (!managed) await call("iam", "PutRolePolicy", { RoleName, PolicyName, PolicyDocument });
      else {
        const { Policy } = await call("iam", "CreatePolicy", {
          PolicyName: scope.names.of("policy", PolicyName),
          Path,
          PolicyDocument,
        });
        await call("iam", "AttachRolePolicy", { RoleName, PolicyArn: Policy.Arn });
      }
    }
  }
}

/** The policies of a role as `infra/identity/identity.ts` renders them, and what `infra/tracking/` adds. */
export function policiesOf(
  name: string,
  { duties, managed }: RoleDescription,
  scope: Scope,
): { name: string; document: string; managed: boolean }[] {
  const tracking = trackingOf(name, scope);
  const track = tracking.length > 0 ? { track: tracking } : {};
  const inline = managed
    ? []
    : [{ name: "duties", document: policyDocument(Object.values(duties).flat()), managed: false }];
  return [
    ...inline,
    ...Object.entries({ ...(managed && duties), ...track }).map(([duty, statements]) => ({
      name: `${name}-${duty}`,
      document: policyDocument(statements),
      managed: true,
    })),
  ];
}

/** @returns the ARNs of the environment's key, and of those that decisions and checkpoints are signed with. */
async function makeStores(scope: Scope, call: Call): Promise<Record<"data" | "approvals" | "log", string>> {
  await call("s3", "CreateBucket", {
    Bucket: scope.artifactsBucket,
    CreateBucketConfiguration: { LocationConstraint: scope.settings.region },
  });
  await call("s3", "PutBucketPolicy", {
    Bucket: scope.artifactsBucket,
    Policy: policyDocument([...tlsOnly(scope.arns.bucket(scope.artifactsBucket)), ...writersOnly(scope)]),
  });
  const Tags = Object.entries(scope.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
  const { KeyMetadata } = await call("kms", "CreateKey", { Policy: policyDocument(keyPolicy(scope)), Tags });
  await call("kms", "CreateAlias", { AliasName: scope.keyAlias, TargetKeyId: KeyMetadata.KeyId });
  if (scope.settings.image.ownsRepository)
    await call("ecr", "CreateRepository", {
      repositoryName: scope.imageRepository,
      tags: Object.entries(scope.tags).map(([Key, Value]) => ({ Key, Value })),
    });
  await call("sagemaker", "CreateModelPackageGroup", { ModelPackageGroupName: scope.modelPackageGroup });
  const { KeyMetadata: approvals } = await call("kms", "CreateKey", {
    Policy: policyDocument(approvalKeyPolicy(scope)),
    Tags,
    KeySpec: "ECC_NIST_P256",
    KeyUsage: "SIGN_VERIFY",
  });
  await call("kms", "CreateAlias", { AliasName: scope.approvalKeyAlias, TargetKeyId: approvals.KeyId });
  const { KeyMetadata: log } = await call("kms", "CreateKey", {
    Policy: policyDocument(logKeyPolicy(scope)),
    Tags,
    KeySpec: "ECC_NIST_P256",
    KeyUsage: "SIGN_VERIFY",
  });
  await call("kms", "CreateAlias", { AliasName: scope.logKeyAlias, TargetKeyId: log.KeyId });
  return { data: KeyMetadata.Arn as string, approvals: approvals.Arn as string, log: log.Arn as string };
}
