import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Cloud, Service } from "../cloud";

/** Our own services; each is a folder beside this file. */
const creators: readonly (readonly [folder: string, create: string])[] = [
  ["iam", "createIam"],
  ["sts", "createSts"],
  ["events", "createEvents"],
  ["cloudwatch", "createCloudWatch"],
  ["lambda", "createLambda"],
  ["sagemaker", "createSageMaker"],
  ["sagemaker-runtime", "createSageMakerRuntime"],
  ["application-autoscaling", "createApplicationAutoscaling"],
  ["tagging", "createTagging"],
  ["cloudtrail", "createCloudTrail"],
];

export function createServices(cloud: Cloud): Service[] {
  return creators.flatMap(([folder, create]) => {
    if (!existsSync(join(__dirname, folder, "index.ts"))) return [];
    const module = require(join(__dirname, folder)) as Record<string, (cloud: Cloud) => Service>;
    return module[create] ? [module[create](cloud)] : [];
  });
}
