import type * as aws from "@pulumi/aws";
import { project } from "../../contract/names";
import type { Scope } from "../scope";

type Selector = aws.types.input.cloudtrail.TrailAdvancedEventSelector;

/**
 * What the trail records: all management events, and data events of the dataset (everything), of our buckets
 * (everything), of our functions and of our endpoints: who asked a model, and never what. A trail of the account takes
 * those of every environment, by the project's name.
 */
export function eventSelectors({ arns, names, settings: { audit, dataset } }: Scope): Selector[] {
  const ours = audit.trail === "account" ? `${project}-` : `${names.prefix}-`;
  return [
    { name: "Management events", fieldSelectors: [{ field: "eventCategory", equals: ["Management"] }] },
    dataEvents("Dataset and own buckets", "AWS::S3::Object", [`${arns.bucket(dataset.bucket)}/`, arns.bucket(ours)]),
    dataEvents("Own functions", "AWS::Lambda::Function", [arns.lambda(ours)]),
    dataEvents("Own endpoints", "AWS::SageMaker::Endpoint", [arns.sagemaker(`endpoint/${ours}`)]),
  ];
}

function dataEvents(name: string, type: string, startsWiths: string[]): Selector {
  return {
    name,
    fieldSelectors: [
      { field: "eventCategory", equals: ["Data"] },
      { field: "resources.type", equals: [type] },
      { field: "resources.ARN", startsWiths },
    ],
  };
}
