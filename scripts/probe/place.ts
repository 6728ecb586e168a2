import { SageMaker } from "../../aws/sagemaker";
import type { AwsSession } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import type { PackagedModel, ProgramDocuments } from "../../automation/probe/bench";
import type { EnvironmentName } from "../../automation/workspace";
import { policyDocument, trustService } from "../../infra/identity/document";
import { keyPolicy } from "../../infra/keys/key-policy";
import { hostFor } from "../../lifecycle/hosts/inference";
import { scopesOf } from "../governance/paths";
import { stackConfig } from "../governance/stack-config";

/** The profile and Region that a stack's file names; no stack needs to be up. */
export function sessionOf(stack: EnvironmentName): AwsSession {
  const config = stackConfig(stack);
  return { profile: config["aws:profile"], region: config["aws:region"]! };
}

/** What the program would give an environment of this account. */
export async function documentsOf(session: AwsSession, stack: EnvironmentName): Promise<ProgramDocuments> {
  const { accountId } = await callerIdentity(session);
  const [scope] = scopesOf([stack], {}, { [stack]: accountId });
  return {
    keyPolicy: policyDocument(keyPolicy(scope!)),
    lambdaTrust: trustService("lambda.amazonaws.com", accountId),
    sagemakerTrust: trustService("sagemaker.amazonaws.com", accountId),
    inferenceAmiVersion: driverOf("ml.g4dn.xlarge"),
  };
}

/** Image and archive of a package: the given one, else the newest of the environment's group; undefined where there is none. */
export async function modelOf(session: AwsSession, stack: EnvironmentName, packageArn?: string): Promise<PackagedModel | undefined> {
  const sagemaker = new SageMaker(session);
  const arn = packageArn ?? (await sagemaker.listModelPackages(`peregrine-${stack}-detector`))[0]?.arn;
  if (arn === undefined) return undefined;
  const { InferenceSpecification } = await sagemaker.describeModelPackage(arn);
  const container = InferenceSpecification?.Containers?.[0];
  return container?.Image && container.ModelDataUrl ? { image: container.Image, modelDataUrl: container.ModelDataUrl } : undefined;
}

/** The machine image that the program asks for on a GPU host; empty where the default fits. */
function driverOf(instanceType: string): string {
  const host = hostFor(instanceType);
  return host.verdict === "ami" ? host.version : "";
}
