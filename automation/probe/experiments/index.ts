import type { Experiment } from "../experiment";
import { approvalEvent } from "./approval-event";
import { buildLimit } from "./build-limit";
import { freshAlarm } from "./fresh-alarm";
import { gpuImage } from "./gpu-image";
import { jobHosts } from "./job-hosts";
import { lambdaTrust } from "./lambda-trust";
import { mlflowTrust } from "./mlflow-trust";
import { propagation } from "./propagation";
import { registerRights } from "./register-rights";
import { scaledEndpoint } from "./scaled-endpoint";
import { spentToken } from "./spent-token";
import { studioKey } from "./studio-key";
import { tagsAfterDelete } from "./tags-after-delete";

/** Every open question. */
export const experiments: readonly Experiment[] = [
  studioKey,
  lambdaTrust,
  mlflowTrust,
  gpuImage,
  scaledEndpoint,
  freshAlarm,
  approvalEvent,
  buildLimit,
  registerRights,
  tagsAfterDelete,
  propagation,
  spentToken,
  jobHosts,
];
