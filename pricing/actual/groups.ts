/** What money is spent on, as bills and plans both tell it apart. */
export const resourceGroups = [
  "serving",
  "training",
  "studio",
  "builds",
  "functions",
  "keys",
  "watching",
  "storage",
  "messages",
  "network",
  "tracking",
  "cost reports",
  "other",
] as const;
export type ResourceGroup = (typeof resourceGroups)[number];

type Rule = readonly [pattern: RegExp, group: ResourceGroup];

/** Usage types of SageMaker, without the Region's letters before them. */
const sagemaker: readonly Rule[] = [
  [/^(Host|ServerlessInf|ProvisionedConcurrency|Endpoint|Async)/, "serving"],
  [/^(Train|Spot|Processing|VolumeUsage|Tsform)/, "training"],
  [/MLFlow/i, "tracking"],
  [/^(Studio|Notebk)/, "studio"],
];

/** By words in the name of a service, as Cost Explorer spells it. */
const services: readonly Rule[] = [
  [/Cost Explorer/, "cost reports"],
  [/CodeBuild/, "builds"],
  [/Lambda/, "functions"],
  [/Key Management/, "keys"],
  [/CloudWatch Events|EventBridge|Notification|Queue/, "messages"],
  [/CloudWatch|CloudTrail/, "watching"],
  [/Simple Storage|Container Registry/, "storage"],
  [/Virtual Private Cloud|EC2/, "network"],
];

/** The group of a line of the bill. */
export function groupOfUsage(service: string, usageType: string): ResourceGroup {
  const bare = usageType.replace(/^[A-Z]{2,4}\d?-/, "");
  const rules = service.includes("SageMaker") ? sagemaker : services;
  const name = service.includes("SageMaker") ? bare : service;
  return rules.find(([pattern]) => pattern.test(name))?.[1] ?? "other";
}
/** By the type of a Pulumi resource. */
const types: readonly Rule[] = [
  [/^aws:sagemaker\/(endpoint|endpointConfiguration):/, "serving"],
  [/^aws:sagemaker\/(pipeline|monitoringSchedule|dataQualityJobDefinition):/, "training"],
  [/^aws:sagemaker\/mlflow/, "tracking"],
  [/^aws:sagemaker\//, "studio"],
  [/^aws:codebuild\//, "builds"],
  [/^aws:lambda\//, "functions"],
  [/^aws:kms\//, "keys"],
  [/^aws:cloudwatch\/(event)/, "messages"],
  [/^aws:(sns|sqs|scheduler)\//, "messages"],
  [/^aws:(cloudwatch|cloudtrail)\//, "watching"],
  [/^aws:(s3|ecr)\//, "storage"],
  [/^aws:(ec2|vpc)\//, "network"],
];

/** The group of a resource of a plan. */
export function groupOfType(type: string): ResourceGroup {
  return types.find(([pattern]) => pattern.test(type))?.[1] ?? "other";
}
