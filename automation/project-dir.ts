import { dirname, resolve } from "node:path";

/** The folder of `Pulumi.yaml`. */
export const projectDir = resolve(dirname(__filename), "..");
