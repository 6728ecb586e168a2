import { UserError } from "../errors";
import type { StateResource } from "./stack-state";

/** What an environment's stack exports; see `infra/index.ts`. */
export interface EnvironmentOutputs {
  readonly artifactsBucket: string;
  readonly datasetBucket: string;
  readonly pipelineName: string;
  readonly modelPackageGroup: string;
  readonly releaseParameter: string;
  /** The key that approvers sign decisions with. */
  readonly approvalKeyArn: string;
  /** Where the head of the ledger is noted. */
  readonly ledgerHeadParameter: string;
  readonly mlflowAppArn: string;
  /** Topics by severity: `critical`, `warning`, `info`. */
  readonly alertTopicArns: Readonly<Record<string, string>>;
  readonly endpointName?: string;
  /** The EndpointConfig that the program wants live; absent while no release is desired. */
  readonly endpointConfigName?: string;
  readonly [key: string]: unknown;
}

/** The outputs of the last update. @throws UserError when the environment was never brought up. */
export function outputsIn(environment: string, resources: readonly StateResource[]): EnvironmentOutputs {
  const outputs = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
  if (!outputs?.["artifactsBucket"])
    throw new UserError(
      `Environment ${environment} is not up.`,
      `Bring it up first: pulumi up --stack ${environment} --policy-pack policies`,
    );
  return outputs as unknown as EnvironmentOutputs;
}
