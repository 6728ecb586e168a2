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
