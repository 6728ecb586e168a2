import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { StartFailure } from "../start-failure";
import { ServiceModel, type RawModel } from "./shapes";

/** The service models are not on this machine. */
export class ModelsMissing extends StartFailure {}

/**
 * Finds botocore's `data` folder, which holds the official service models (Apache-2.0).
 * @param modelsDir a folder to use instead of searching. @param venv the Python environment of the project.
 * @throws ModelsMissing naming what to install.
 */
export function findModels(modelsDir?: string, venv = ".venv"): string {
  if (modelsDir) {
    if (existsSync(join(modelsDir, "sts"))) return modelsDir;
    throw new ModelsMissing(
      `${modelsDir} holds no service models (no folder sts in it).`,
      "Point modelsDir at botocore's data folder.",
    );
  }
  const lib = join(venv, "lib");
  for (const python of existsSync(lib) ? readdirSync(lib) : []) {
    const data = join(lib, python, "site-packages", "botocore", "data");
    if (existsSync(data)) return data;
  }
  throw new ModelsMissing(
    `No AWS service models under ${venv}: the Python package botocore is not installed there.`,
    `Run "npm start" or "npm test" once (they set up ${venv}), or "uv pip install botocore" into it.`,
  );
}

/** Reads one service's newest model. @returns undefined when botocore has no such service. */
export function readModel(dataDir: string, service: string): ServiceModel | undefined {
  const folder = join(dataDir, service);
  if (!/^[a-z0-9-]+$/.test(service) || !existsSync(folder)) return undefined;
  const version = readdirSync(folder)
    .filter((name) => /^\d{4}-\d{2}-\d{2}$/.test(name))
    .sort()
    .pop();
  if (!version) return undefined;
  const packed = join(folder, version, "service-2.json.gz");
  const text = existsSync(packed)
    ? gunzipSync(readFileSync(packed))
    : readFileSync(join(folder, version, "service-2.json"));
  return new ServiceModel(service, JSON.parse(text.toString("utf8")) as RawModel);
}
