/** Where a price stands in AWS's price list: the service's file, and how its product is told from the others. */
export interface Wanted {
  /** Name of the service in the price list. */
  readonly service: string;
  /** The product's usage type without the region in front of it. */
  readonly usageType: string;
}

const of = (service: string, usageType: string): Wanted => ({ service, usageType });

/** SageMaker's usage types by what an instance is for. */
const components: Readonly<Record<string, string>> = {
  hosting: "Host:",
  training: "Train:",
  processing: "Processing:",
  studio: "Studio:JupyterLab-",
};

const products: Readonly<Record<string, Wanted>> = {
  "sagemaker.serverless": of("AmazonSageMaker", "ServerlessInf:Mem-1GB"),
  "vpc.endpoint": of("AmazonVPC", "VpcEndpoint-Hours"),
  "vpc.endpoint-data": of("AmazonVPC", "VpcEndpoint-Bytes"),
  "vpc.public-ipv4": of("AmazonVPC", "PublicIPv4:InUseAddress"),
  "vpc.nat": of("AmazonEC2", "NatGateway-Hours"),
  "vpc.nat-data": of("AmazonEC2", "NatGateway-Bytes"),
  "logs.ingested": of("AmazonCloudWatch", "DataProcessing-Bytes"),
  "logs.vended": of("AmazonCloudWatch", "VendedLog-Bytes"),
  "logs.delivered-s3": of("AmazonCloudWatch", "S3-Egress-Bytes"),
  "logs.stored": of("AmazonCloudWatch", "TimedStorage-ByteHrs"),
  "cloudwatch.alarm": of("AmazonCloudWatch", "CW:AlarmMonitorUsage"),
  "cloudwatch.alarm-high-resolution": of("AmazonCloudWatch", "CW:HighResAlarmMonitorUsage"),
  "cloudwatch.alarm-composite": of("AmazonCloudWatch", "CW:CompositeAlarmMonitorUsage"),
  "cloudwatch.metric": of("AmazonCloudWatch", "CW:MetricMonitorUsage"),
  "cloudwatch.dashboard": of("AmazonCloudWatch", "DashboardsUsageHour"),
  "cloudtrail.data-event": of("AWSCloudTrail", "DataEventsRecorded"),
  "cloudtrail.management-event": of("AWSCloudTrail", "PaidEventsRecorded"),
  "cloudtrail.insight-event": of("AWSCloudTrail", "InsightsEvents"),
  "kms.key": of("awskms", "KMS-Keys"),
  "kms.request": of("awskms", "KMS-Requests"),
  "s3.storage": of("AmazonS3", "TimedStorage-ByteHrs"),
  "s3.write": of("AmazonS3", "Requests-Tier1"),
  "s3.read": of("AmazonS3", "Requests-Tier2"),
  "lambda.request": of("AWSLambda", "Request"),
  "lambda.compute-x86_64": of("AWSLambda", "Lambda-GB-Second"),
  "lambda.compute-arm64": of("AWSLambda", "Lambda-GB-Second-ARM"),
  "sns.request": of("AmazonSNS", "Requests-Tier1"),
  "sns.email": of("AmazonSNS", "DeliveryAttempts-SMTP"),
  "sqs.request": of("AWSQueueService", "Requests-Tier1"),
  "events.custom": of("AWSEvents", "Event-64K-Chunks"),
  "codebuild.BUILD_GENERAL1_SMALL": of("CodeBuild", "Build-Min:Linux:g1.small"),
  "codebuild.BUILD_GENERAL1_MEDIUM": of("CodeBuild", "Build-Min:Linux:g1.medium"),
  "codebuild.BUILD_GENERAL1_LARGE": of("CodeBuild", "Build-Min:Linux:g1.large"),
  "ecr.storage": of("AmazonECR", "TimedStorage-ByteHrs"),
  "ssm.advanced-parameter": of("AWSSystemsManager", "PS-Advanced-Param-Tier1"),
};

/** Where a key of the price table stands in AWS's list; undefined for the few that are looked up by hand. */
export function wanted(key: string): Wanted | undefined {
  const [, component, type] = /^sagemaker\.(\w+)\.(ml\..+)$/.exec(key) ?? [];
  if (component && type && components[component]) return of("AmazonSageMaker", `${components[component]}${type}`);
  return products[key];
}
