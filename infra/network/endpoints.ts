import { policyDocument, type Statement } from "../identity/document";
import type { Scope } from "../scope";

/** A private way to one AWS service. */
export interface InterfaceEndpoint {
  /** Last part of the logical name. */
  readonly name: string;
  readonly serviceName: string;
  /** Policy document; undefined where the service offers none. */
  readonly policy: string | undefined;
}

/**
 * What is called from inside the network, with the action prefix of each service. Jobs and models are started and fed by
 * SageMaker from outside; what is left are tracking, logs, metrics, keys, and Studio with its people.
 */
const called: Readonly<Record<string, string>> = {
  "sagemaker.api": "sagemaker",
  "sagemaker.runtime": "sagemaker",
  sts: "sts",
  logs: "logs",
  monitoring: "cloudwatch",
  kms: "kms",
  "ecr.api": "ecr",
  "ecr.dkr": "ecr",
};

/** Endpoints of SageMaker's own web applications: Studio, and MLflow ("experiments"). */
const applications = ["studio", "experiments"];

/** Interface endpoints of a network without a way to the internet, about 7.30 USD a month for each in each zone. */
export function interfaceEndpoints({ place: { accountId }, settings: { region } }: Scope): InterfaceEndpoint[] {
  return [
    ...Object.entries(called).map(([service, prefix]) => ({
      name: service.replace(".", "-"),
      serviceName: `com.amazonaws.${region}.${service}`,
      policy: policyDocument([ownPrincipals(prefix, accountId)]),
    })),
    ...applications.map((application) => ({ name: `sagemaker-${application}`, serviceName: `aws.sagemaker.${region}.${application}`, policy: undefined })),
  ];
}

/** Only the account's own principals: nobody carries data out with credentials of another account. */
function ownPrincipals(prefix: string, accountId: string): Statement {
  return { Sid: "OwnPrincipals", Effect: "Allow", Principal: "*", Action: [`${prefix}:*`], Resource: ["*"], Condition: { StringEquals: { "aws:PrincipalAccount": accountId } } };
}

/**
 * Buckets that the network reaches: the environment's own, the dataset (to read), and the region's bucket with the layers of
 * container images, which belongs to AWS ("Minimum Amazon S3 Bucket Permissions for Amazon ECR", ECR user guide).
 */
export function bucketAccess({ arns, names, settings: { dataset, region } }: Scope): Statement[] {
  const own = `${names.prefix}-*`;
  const layers = `prod-${region}-starport-layer-bucket`;
  return [
    { Sid: "OwnBuckets", Effect: "Allow", Principal: "*", Action: ["s3:*"], Resource: [arns.bucket(own), arns.object(own, "*")] },
    { Sid: "Dataset", Effect: "Allow", Principal: "*", Action: ["s3:Get*", "s3:List*"], Resource: [arns.bucket(dataset.bucket), arns.object(dataset.bucket, "*")] },
    { Sid: "ImageLayers", Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: [arns.object(layers, "*")] },
  ];
}
