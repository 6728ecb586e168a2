import { dataProbes } from "./data";
import { identityProbes } from "./identities";
import { platformProbes } from "./platform";
import type { Probes } from "./probe";
import { sagemakerProbes } from "./sagemaker";

/** The request behind each row of the matrix, by `action what`. */
export const probes: Probes = { ...sagemakerProbes, ...dataProbes, ...identityProbes, ...platformProbes };
