import { detectorName } from "../../contract/names";
import { SageMaker } from "../../aws/sagemaker";
import type { AwsSession } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import type { PackagedModel } from "../../automation/probe/bench";
import type { ProgramDocuments, RoleDocuments, StandIns } from "../../automation/probe/program";
import type { EnvironmentName } from "../../contract/environments";
import { boundaries } from "../../infra/identity/boundaries";
import { policyDocument } from "../../infra/identity/document";
import { trustOf, trustService } from "../../infra/identity/trust";
import { keyPolicy } from "../../infra/keys/key-policy";
import { Scope } from "../../infra/scope";
import { hostFor } from "../../contract/hosts/inference";
import { scopesOf } from "../../automation/roles/paths/search";
import { allRoles, statementsOf } from "../../infra/identity/roles/all-roles";
import { stackConfig } from "../../automation/stack/stack-config";

/** The profile and Region that a stack's file names; no stack needs to be up. */
export function sessionOf(stack: EnvironmentName): AwsSession {
  const config = stackConfig(stack);
  return { profile: config["aws:profile"], region: config["aws:region"]! };
}

/**
 * What the program would give an environment of this account.
 * @param account the session's own where it is left out.
 */
export async function documentsOf(
  session: AwsSession,
  stack: EnvironmentName,
  account?: string,
): Promise<ProgramDocuments> {
  const accountId = account ?? (await callerIdentity(session)).accountId;
  const [scope] = scopesOf([stack], {}, { [stack]: accountId });
  return {
    keyPolicy: policyDocument(keyPolicy(scope!)),
    lambdaTrust: trustService("lambda.amazonaws.com", accountId),
    sagemakerTrust: trustService("sagemaker.amazonaws.com", accountId),
    inferenceAmiVersion: driverOf("ml.g4dn.xlarge"),
    roleOf: (role, standIns) => roleOf(new AboutExperiment(scope!, standIns), role),
  };
}

/** The environment's scope, but for what an experiment has of its own. */
class AboutExperiment extends Scope {
  constructor(
    { settings, place }: Scope,
    private readonly standIns: StandIns,
  ) {
    super(settings, place);
  }

  override get keyAlias(): string {
    return this.standIns.keyAlias ?? super.keyAlias;
  }

  override get artifactsBucket(): string {
    return this.standIns.artifactsBucket ?? super.artifactsBucket;
  }

  override get modelPackageGroup(): string {
    return this.standIns.modelPackageGroup ?? super.modelPackageGroup;
  }
}

function roleOf(scope: Scope, name: string): RoleDocuments {
  const role = allRoles(scope)[name];
  if (!role) throw new Error(`the program has no role ${name} in ${scope.environment}`);
  return {
    trust: trustOf(role, scope, name),
    duties: statementsOf(role),
    boundary: policyDocument(boundaries(scope)[role.boundary ?? "boundary"]!.statements),
  };
}

/**
 * Image and archive of a package: the given one, else the newest of the environment's group; undefined where there is
 * none.
 */
export async function modelOf(
  session: AwsSession,
  stack: EnvironmentName,
  packageArn?: string,
): Promise<PackagedModel | undefined> {
  const sagemaker = new SageMaker(session);
  const arn = packageArn ?? (await sagemaker.listModelPackages(detectorName(stack)))[0]?.arn;
  if (arn === undefined) return undefined;
  const { InferenceSpecification } = await sagemaker.describeModelPackage(arn);
  const container = InferenceSpecification?.Containers?.[0];
  return container?.Image && container.ModelDataUrl
    ? { image: container.Image, modelDataUrl: container.ModelDataUrl }
    : undefined;
}

/** The machine image that the program asks for on a GPU host; empty where the default fits. */
function driverOf(instanceType: string): string {
  const host = hostFor(instanceType);
  return host.verdict === "ami" ? host.version : "";
}
