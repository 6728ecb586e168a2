import { KMSClient, paginateListAliases } from "@aws-sdk/client-kms";
import { paginateListMlflowApps, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { keyAliases } from "../../../contract/keys";
import { trackingName } from "../../../contract/names";
import type { AwsSession } from "../../../aws/session";
import { callerIdentity } from "../../../aws/sts";
import { type EnvironmentName, environments } from "../../../contract/environments";
import { stackConfig } from "../../stack/stack-config";
import { Target } from "./target";

/**
 * What the matrix is asked about in an account that has the environments: their names, keys, MLflow Apps and instance
 * types.
 */
export async function targetsOf(session: AwsSession): Promise<Record<EnvironmentName, Target>> {
  const { accountId: account } = await callerIdentity(session);
  const keys = new Map<string, string>();
  for await (const page of paginateListAliases({ client: new KMSClient(session) }, {}))
    for (const { AliasName, TargetKeyId } of page.Aliases ?? [])
      if (AliasName && TargetKeyId) keys.set(AliasName, TargetKeyId);
  const apps = new Map<string, string>();
  for await (const page of paginateListMlflowApps({ client: new SageMakerClient(session) }, {}))
    for (const { Name, Arn } of page.Summaries ?? []) if (Name && Arn) apps.set(Name, Arn);
  const targetOf = (environment: EnvironmentName): Target => {
    const config = stackConfig(environment);
    const setting = (name: string) => config[`peregrine:${name}`]!;
    const instances = {
      training: setting("trainingInstanceType"),
      processing: setting("processingInstanceType"),
      serving: setting("servingInstanceType"),
    };
    const key = (alias: string) => `arn:aws:kms:${session.region}:${account}:key/${keys.get(alias)}`;
    const { data, approvals, log } = keyAliases(environment);
    return new Target(
      environment,
      session.region,
      account,
      key(data),
      key(approvals),
      key(log),
      setting("datasetBucket"),
      setting("datasetPrefix"),
      instances,
      apps.get(trackingName(environment)) ?? `arn:aws:sagemaker:${session.region}:${account}:mlflow-app/app-none`,
    );
  };
  return Object.fromEntries(environments.map((environment) => [environment, targetOf(environment)])) as Record<
    EnvironmentName,
    Target
  >;
}

/** Who takes the roles of people in an environment: the first who is listed for each. */
export function holderOf(environment: EnvironmentName, role: string): string {
  const members = JSON.parse(stackConfig(environment)["peregrine:people"] ?? "[]") as readonly string[];
  const [name] = members.map((entry) => entry.split("=")).find(([, one]) => one === role) ?? [];
  if (name === undefined) throw new Error(`nobody is listed as ${role} in Pulumi.${environment}.yaml`);
  return name;
}
