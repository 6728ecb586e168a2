import type { EnvironmentName } from "../../automation/workspace";
import type { Members } from "../../local/cloud";
import type { LocalCloud } from "../../local/server";
import { boundaries } from "../../infra/identity/boundaries";
import { policyDocument } from "../../infra/identity/document";
import { trustOf } from "../../infra/identity/identity";
import type { RoleDescription } from "../../infra/identity/roles";
import { keyPolicy } from "../../infra/keys/key-policy";
import { writersOnly } from "../../infra/identity/writers";
import type { Scope } from "../../infra/scope";
import { tlsOnly } from "../../infra/storage/bucket";
import { environments } from "../../infra/settings";
import type { Session } from "../../scripts/governance/clients";
import { type MatrixRole, peopleOfMatrix } from "../../scripts/governance/matrix";
import { allRoles } from "../../scripts/governance/roles";
import { targetOf } from "../../scripts/governance/target";
import type { Target } from "../../scripts/governance/target";
import { accountId, scopeOf } from "../support/scope";
import { startTestCloud } from "../local/support";

/** A local cloud in which the rendered roles of all three environments exist, with their buckets and keys, and nothing else. */
export class GovernedAccount {
  private constructor(
    readonly local: LocalCloud,
    readonly targets: Readonly<Record<EnvironmentName, Target>>,
  ) {}

  static async start(stateDir?: string): Promise<GovernedAccount> {
    const local = await startTestCloud({ accountId, stateDir });
    const call = (service: string, operation: string, input: Members): Promise<Members> =>
      local.cloud.call(service, operation, input, { principal: local.administrator.principal, sourceIp: "127.0.0.1", userAgent: "test" }) as Promise<Members>;
    const targets = {} as Record<EnvironmentName, Target>;
    await call("s3", "CreateBucket", { Bucket: scopeOf("dev").settings.dataset.bucket, CreateBucketConfiguration: { LocationConstraint: local.cloud.region } });
    for (const environment of environments) {
      const scope = scopeOf(environment);
      await makeRoles(scope, call);
      targets[environment] = targetOf(scope, await makeStores(scope, call));
    }
    return new GovernedAccount(local, targets);
  }

  /** A session of a role: of people by STS, of services as a service gets it. */
  async session(role: MatrixRole, environment: EnvironmentName): Promise<Session> {
    const { cloud, administrator } = this.local;
    const arn = scopeOf(environment).roleArn(role);
    if (!peopleOfMatrix.includes(role)) return cloud.internals.credentials(cloud.internals.assume(arn, "sagemaker.amazonaws.com", "matrix"));
    const { Credentials } = (await cloud.call("sts", "AssumeRole", { RoleArn: arn, RoleSessionName: "matrix" }, { principal: administrator.principal, sourceIp: "127.0.0.1", userAgent: "test" })) as Members;
    return { accessKeyId: Credentials.AccessKeyId, secretAccessKey: Credentials.SecretAccessKey, sessionToken: Credentials.SessionToken };
  }

  stop(): Promise<void> {
    return this.local.stop();
  }
}

type Call = (service: string, operation: string, input: Members) => Promise<Members>;

async function makeRoles(scope: Scope, call: Call): Promise<void> {
  const Path = scope.rolePath;
  const policyArn = (name: string) => scope.arns.policy(Path, scope.names.of("policy", name));
  for (const [name, { statements }] of Object.entries(boundaries(scope))) await call("iam", "CreatePolicy", { PolicyName: scope.names.of("policy", name), Path, PolicyDocument: policyDocument(statements) });
  for (const [name, role] of Object.entries<RoleDescription>(allRoles(scope))) {
    const RoleName = scope.roleName(name);
    await call("iam", "CreateRole", { RoleName, Path, AssumeRolePolicyDocument: trustOf(role, scope), PermissionsBoundary: policyArn(role.boundary ?? "boundary") });
    for (const { name: PolicyName, document: PolicyDocument } of policiesOf(name, role)) {
      if (!role.managed) await call("iam", "PutRolePolicy", { RoleName, PolicyName, PolicyDocument });
      else {
        const { Policy } = await call("iam", "CreatePolicy", { PolicyName: scope.names.of("policy", PolicyName), Path, PolicyDocument });
        await call("iam", "AttachRolePolicy", { RoleName, PolicyArn: Policy.Arn });
      }
    }
  }
}

/** The policies of a role as `infra/identity/identity.ts` renders them. */
export function policiesOf(name: string, { duties, managed }: RoleDescription): { name: string; document: string }[] {
  if (!managed) return [{ name: "duties", document: policyDocument(Object.values(duties).flat()) }];
  return Object.entries(duties).map(([duty, statements]) => ({ name: `${name}-${duty}`, document: policyDocument(statements) }));
}

/** @returns the ARN of the environment's key. */
async function makeStores(scope: Scope, call: Call): Promise<string> {
  await call("s3", "CreateBucket", { Bucket: scope.artifactsBucket, CreateBucketConfiguration: { LocationConstraint: scope.settings.region } });
  await call("s3", "PutBucketPolicy", { Bucket: scope.artifactsBucket, Policy: policyDocument([...tlsOnly(scope.arns.bucket(scope.artifactsBucket)), ...writersOnly(scope)]) });
  const Tags = Object.entries(scope.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
  const { KeyMetadata } = await call("kms", "CreateKey", { Policy: policyDocument(keyPolicy(scope)), Tags });
  await call("kms", "CreateAlias", { AliasName: scope.keyAlias, TargetKeyId: KeyMetadata.KeyId });
  await call("sagemaker", "CreateModelPackageGroup", { ModelPackageGroupName: scope.modelPackageGroup });
  return KeyMetadata.Arn as string;
}
