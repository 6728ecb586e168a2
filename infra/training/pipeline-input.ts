/** What the definition needs besides the scope. */
export interface TrainingPipelineInput {
  readonly trainingRoleArn: string;
  readonly processingRoleArn: string;
  readonly announceFunctionArn: string;
  /** Queue of requests for trials in staging; undefined where candidates are not tried there. */
  readonly trialQueueUrl?: string;
  /** Tracking URI of MLflow clients: the ARN of an App or tracking server, or a URL. */
  readonly mlflowAppArn: string;
  /** Where jobs run; undefined in SageMaker's own network. */
  readonly vpc?: JobNetwork;
}

/** `VpcConfig` of a job. */
export interface JobNetwork {
  readonly SecurityGroupIds: readonly string[];
  readonly Subnets: readonly string[];
}
