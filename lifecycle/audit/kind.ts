/** Kinds of what happens in an environment's life; every call that changes something is of one of them. */
export const entryKinds = ["data", "build", "registry", "change", "watch", "people", "experiment", "money"] as const;
export type EntryKind = (typeof entryKinds)[number];

/** The first that fits a service and an event decides; what no row names changes the platform itself. */
const table: readonly (readonly [source: RegExp, event: RegExp, kind: EntryKind])[] = [
  [/^sagemaker$/, /ModelPackage|ModelCard/, "registry"],
  [/^sagemaker$/, /UpdateEndpointWeights|InferenceExperiment/, "experiment"],
  [/^sagemaker$/, /Monitoring|DataQuality|ModelQuality|ModelBias|ModelExplainability/, "watch"],
  [/^sagemaker$/, /Domain|UserProfile|Space|App$|PresignedUrl|StudioLifecycle|Workteam|Workforce/, "people"],
  [/^sagemaker$/, /FeatureGroup|LabelingJob/, "data"],
  [/^sagemaker$/, /Endpoint|InferenceComponent|Tag|^(Create|Delete|Update)Model$/, "change"],
  [/^sagemaker$/, /./, "build"],
  [/^(codebuild|ecr)$/, /./, "build"],
  [/^s3$/, /./, "data"],
  [/^(sts|signin|sso|sso-directory|identitystore)$/, /./, "people"],
  [/^iam$/, /User|Group|LoginProfile|AccessKey|MFA|Password/, "people"],
  [/^(sns|chatbot)$/, /./, "people"],
  [/^(budgets|ce|cur|cost-optimization-hub|billing)$/, /./, "money"],
  [/^(monitoring|logs|cloudtrail|config|events|scheduler|synthetics)$/, /./, "watch"],
];

/** Kind of a call. @param source as CloudTrail names it, such as `sagemaker.amazonaws.com`. @param event its name. */
export function kindOfCall(source: string, event: string): EntryKind {
  const service = source.replace(/\.amazonaws\.com(\.cn)?$/, "");
  return table.find(([one, name]) => one.test(service) && name.test(event))?.[2] ?? "change";
}
