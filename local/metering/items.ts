/** One thing that AWS bills. */
export interface Item {
  /** As Cost Explorer names it (dimension `SERVICE`). */
  readonly service: string;
  /** Without the Region's letters before it. */
  readonly usageType: string;
  readonly operation: string;
  /** Its name in the price list. */
  readonly price: string;
  /** What is counted: one of them costs the price. */
  readonly unit: "Hrs" | "GB-Mo" | "Count" | "Requests" | "Seconds" | "Minutes";
  readonly instanceType?: string;
  /** Priced by the month and billed by the hour, so that an hour is a part of a month. */
  readonly monthly?: true;
}

const sagemaker = (
  component: "hosting" | "training" | "processing" | "studio",
  usage: string,
  operation: string,
  instanceType: string,
): Item => ({
  service: "Amazon SageMaker",
  usageType: `${usage}:${instanceType}`,
  operation,
  price: `sagemaker.${component}.${instanceType}`,
  unit: "Hrs",
  instanceType,
});

/** An instance of an endpoint. */
export const hosting = (type: string): Item => sagemaker("hosting", "Host", "RunInstance", type);
export const training = (type: string): Item => sagemaker("training", "Train", "CreateTrainingJob", type);
export const processing = (type: string): Item => sagemaker("processing", "Processing", "CreateProcessingJob", type);
/** The instance of an app of Studio. */
export const studio = (type: string): Item => sagemaker("studio", "Studio", "RunInstance", type);

/** Storage of a job's instances. */
export const jobVolume: Item = {
  service: "Amazon SageMaker",
  usageType: "VolumeUsage.gp2",
  operation: "RunInstance",
  price: "sagemaker.volume",
  unit: "GB-Mo",
  monthly: true,
};

export const functionCalls: Item = {
  service: "AWS Lambda",
  usageType: "Request",
  operation: "Invoke",
  price: "lambda.request",
  unit: "Requests",
};

export const functionSeconds = (architecture: string): Item => ({
  service: "AWS Lambda",
  usageType: architecture === "arm64" ? "Lambda-GB-Second-ARM" : "Lambda-GB-Second",
  operation: "Invoke",
  price: `lambda.compute-${architecture}`,
  unit: "Seconds",
});

/** A minute of a build on hosts of a type (`BUILD_GENERAL1_SMALL`). */
export const buildMinutes = (computeType: string): Item => ({
  service: "CodeBuild",
  usageType: `Build-Min:Linux:${computeType.replace("BUILD_GENERAL1_", "g1.").toLowerCase()}`,
  operation: "Build",
  price: `codebuild.${computeType}`,
  unit: "Minutes",
});

export const key: Item = {
  service: "AWS Key Management Service",
  usageType: "KMS-Keys",
  operation: "Unknown",
  price: "kms.key",
  unit: "Count",
  monthly: true,
};

const alarm = (usageType: string, price: string): Item => ({
  service: "AmazonCloudWatch",
  usageType,
  operation: "Unknown",
  price: `cloudwatch.${price}`,
  unit: "Count",
  monthly: true,
});
export const alarmMetric = alarm("CW:AlarmMonitorUsage", "alarm");
export const fastAlarmMetric = alarm("CW:HighResAlarmMonitorUsage", "alarm-high-resolution");
export const compositeAlarm = alarm("CW:CompositeAlarmMonitorUsage", "alarm-composite");

const requests = (service: string, usageType: string, operation: string, price: string): Item => ({
  service,
  usageType,
  operation,
  price,
  unit: "Requests",
});
export const keyRequest = requests("AWS Key Management Service", "KMS-Requests", "Unknown", "kms.request");
export const objectWrite = requests("Amazon Simple Storage Service", "Requests-Tier1", "PutObject", "s3.write");
export const objectRead = requests("Amazon Simple Storage Service", "Requests-Tier2", "GetObject", "s3.read");
export const notification = requests("Amazon Simple Notification Service", "Requests-Tier1", "Publish", "sns.request");
export const queueRequest = requests("Amazon Simple Queue Service", "Requests-Tier1", "Unknown", "sqs.request");
export const customEvent = requests("CloudWatch Events", "Event-64K-Chunks", "PutEvents", "events.custom");
/** A page of an answer of Cost Explorer. */
export const costRequest = requests("AWS Cost Explorer", "APIRequest", "GetCostAndUsage", "cost-explorer.request");
