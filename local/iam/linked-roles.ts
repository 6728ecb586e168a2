import type { Cloud } from "../cloud";
import { iamRecords } from "./records";

/** Whether a service has its role in the account. @param service `sagemaker.application-autoscaling.amazonaws.com`. */
export function hasLinkedRole(cloud: Cloud, service: string): boolean {
  return [...iamRecords(cloud).roles.values()].some(({ linkedTo }) => linkedTo === service);
}

/** How AWS calls a service's linked role. */
export function linkedRoleName(service: string): string {
  const [first = "", second = ""] = service.split(".");
  if (second === "application-autoscaling") {
    const targets: Readonly<Record<string, string>> = {
      sagemaker: "SageMakerEndpoint",
      dynamodb: "DynamoDBTable",
      ecs: "ECSService",
      lambda: "LambdaConcurrency",
    };
    return `AWSServiceRoleForApplicationAutoScaling_${targets[first] ?? first}`;
  }
  // What Studio's domains act by (SageMaker developer guide, "Service-linked roles").
  if (first === "sagemaker") return "AWSServiceRoleForAmazonSageMakerNotebooks";
  return `AWSServiceRoleFor${first
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("")}`;
}
