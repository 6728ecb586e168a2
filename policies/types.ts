import type { PolicyResource } from "@pulumi/policy";
import { orUnknown } from "./inputs";

/** Type tokens that several rules look at. */
export const types = {
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  bucket: "aws:s3/bucket:Bucket",
  bucketPolicy: "aws:s3/bucketPolicy:BucketPolicy",
  domain: "aws:sagemaker/domain:Domain",
  endpoint: "aws:sagemaker/endpoint:Endpoint",
  endpointConfiguration: "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
  function: "aws:lambda/function:Function",
  logGroup: "aws:cloudwatch/logGroup:LogGroup",
  model: "aws:sagemaker/model:Model",
  notebook: "aws:sagemaker/notebookInstance:NotebookInstance",
  pipeline: "aws:sagemaker/pipeline:Pipeline",
  role: "aws:iam/role:Role",
  trainingJob: "aws:sagemaker/trainingJob:TrainingJob",
  userProfile: "aws:sagemaker/userProfile:UserProfile",
} as const;

/** Whether an input of a resource comes from another resource. */
export function refersTo(from: PolicyResource, member: string, to: { readonly urn: string }): boolean {
  return from.propertyDependencies[member]?.some(({ urn }) => urn === to.urn) ?? false;
}

/** Whether a setting of a bucket concerns a certain one: by dependency, or by a name that is written as text. */
export function concerns(setting: PolicyResource, bucket: PolicyResource): boolean {
  if (refersTo(setting, "bucket", bucket)) return true;
  return (
    orUnknown(() => setting.props["bucket"] !== undefined && setting.props["bucket"] === bucket.props["bucket"]) ??
    false
  );
}
