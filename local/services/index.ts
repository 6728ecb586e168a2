import type { Cloud } from "../cloud";
import type { Service } from "../service";
import { startProvider } from "../provider/server";
import type { Images } from "../runner/images";
import { createApplicationAutoscaling } from "./application-autoscaling";
import { createCostExplorer } from "./ce";
import type { PriceList } from "./ce/bill";
import { createCloudTrail } from "./cloudtrail";
import { createCloudWatch } from "./cloudwatch";
import { createCodeBuild } from "./codebuild";
import { createFileSystems } from "./efs";
import { createEvents } from "./events";
import { createIam } from "./iam";
import { createLambda } from "./lambda";
import { createSageMaker } from "./sagemaker";
import { createSageMakerRuntime } from "./sagemaker-runtime";
import { createScheduler } from "./scheduler";
import { createServiceQuotas, type GrantedQuotas } from "./service-quotas";
import { createSts } from "./sts";
import { createTagging } from "./tagging";

export interface ServiceOptions {
  /** Where functions and containers reach the local cloud. */
  readonly gatewayUrl: string;
  /** Local commands by image repository. */
  readonly images: Images;
  /** Python of an environment that has mlflow. */
  readonly python: string;
  /** Quotas that the account was granted before. */
  readonly quotas?: GrantedQuotas;
  /** How many builds the account runs at a time. */
  readonly concurrentBuilds?: number;
  /** What AWS charges, for the bill; without it nothing that was used has a price. */
  readonly priceList?: PriceList;
  /** Services closed to new customers that the account used before. */
  readonly existingCustomerOf?: readonly string[];
}

/** Our own services; those behind the local cloud come from `upstream/`. The order is the one they start in. */
export function createServices(
  cloud: Cloud,
  { gatewayUrl, images, python, quotas, concurrentBuilds, existingCustomerOf, priceList = {} }: ServiceOptions,
): Service[] {
  return [
    createIam(cloud),
    createSts(cloud),
    createEvents(cloud),
    createScheduler(cloud),
    createCloudWatch(cloud),
    createLambda(cloud, { gatewayUrl }),
    createSageMaker(cloud, {
      images,
      existingCustomerOf,
      gatewayUrl: () => gatewayUrl,
      mlflow: { python, gatewayUrl: () => gatewayUrl },
    }),
    createFileSystems(cloud),
    createSageMakerRuntime(cloud),
    createCodeBuild(cloud, {
      images,
      concurrentBuilds,
      gatewayUrl: () => gatewayUrl,
      openProvider: (principalFor) => startProvider(cloud, { port: 0, principalFor }),
    }),
    createCloudTrail(cloud),
    createApplicationAutoscaling(cloud),
    createTagging(cloud),
    createServiceQuotas(cloud, quotas),
    createCostExplorer(cloud, priceList),
  ];
}
