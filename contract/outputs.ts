import { z } from "zod";
import { severities } from "./alerts";
import { environments } from "./environments";

/**
 * What an environment's stack exports: all that automation learns of an environment from its state. The program's
 * outputs are typed by it, and automation parses what it finds with it.
 */
export const stackOutputs = z.object({
  environment: z.enum(environments),
  artifactsBucket: z.string(),
  datasetBucket: z.string(),
  imageUri: z.string(),
  modelPackageGroup: z.string(),
  pipelineName: z.string(),
  /** The pipeline that compares captured answers with the baseline; absent where Model Monitor or nobody does. */
  monitoringPipeline: z.string().optional(),
  /** MLflow: the ARN of an App or of a tracking server, or the address of one that exists elsewhere. */
  trackingUri: z.string(),
  mlflowAppArn: z.string().optional(),
  eventBusName: z.string(),
  studioDomainId: z.string().optional(),
  studioFileSystemId: z.string().optional(),
  studioUrl: z.string().optional(),
  /** The key that approvers sign decisions with. */
  approvalKeyArn: z.string(),
  /** The SSM parameter that holds the desired release. */
  releaseParameter: z.string(),
  /** The SSM parameter that holds the head of the ledger. */
  ledgerHeadParameter: z.string(),
  /** The key that checkpoints of the log are signed with. */
  logKeyArn: z.string(),
  /** The SSM parameter that holds the log's newest checkpoint. */
  logHeadParameter: z.string(),
  /** The endpoint's name, whether it exists yet or not. */
  endpointName: z.string(),
  /** The endpoint configuration that the program wants live; absent while no release is desired. */
  endpointConfigName: z.string().optional(),
  /** The model package of the desired release. */
  desiredModelPackageArn: z.string().optional(),
  /** ARNs by the roles' short names, such as `pipeline-execution`. */
  roleArns: z.record(z.string(), z.string()),
  /** Topics of the platform's own alerts. */
  alertTopicArns: z.record(z.enum(severities), z.string()),
  /** Where clients send images; absent where they ask the endpoint itself. */
  frontDoorUrl: z.string().optional(),
  auditBucket: z.string().optional(),
  trailName: z.string().optional(),
  /** The CodeBuild project that releases approved packages; absent where none go anywhere by themselves. */
  releaseProject: z.string().optional(),
});

export type StackOutputs = Readonly<z.infer<typeof stackOutputs>>;
