import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UserError } from "../automation/errors";
import { Mlflow } from "../aws/mlflow";
import type { AwsSession } from "../aws/session";
import type { EnvironmentName } from "../contract/environments";
import type { KeptRuns } from "../insight/runs/read";
import { openEnvironment, projectDir } from "./project";

export interface Tracking {
  readonly mlflow: Mlflow;
  readonly uri: string;
  readonly session: AwsSession;
}

/**
 * The MLflow of an environment, or one that is named.
 * @throws UserError for a tracking URI that is none.
 */
export async function trackingOf({
  stack,
  tracking,
  profile,
}: {
  readonly stack: EnvironmentName;
  readonly tracking?: string;
  readonly profile?: string;
}): Promise<Tracking> {
  const environment = await openEnvironment(stack);
  const session = { ...environment.session, ...(profile ? { profile } : {}) };
  const uri = tracking ?? (await environment.outputs()).trackingUri;
  try {
    return { mlflow: Mlflow.of(session, uri), uri, session };
  } catch (error) {
    throw new UserError((error as Error).message, "Name another by --tracking, or leave it out.", { cause: error });
  }
}

/** Where it is kept what was read of an MLflow: in the project's own folder of work. */
export function keptRunsFile(uri: string): string {
  return join(projectDir, ".peregrine", "runs", `${createHash("sha256").update(uri).digest("hex").slice(0, 16)}.json`);
}

/** What was read of an MLflow; its owner alone may read it. */
export function keptRuns(uri: string): KeptRuns {
  const file = keptRunsFile(uri);
  return {
    load: () => readFile(file, "utf8").catch(() => undefined),
    async save(text) {
      await mkdir(dirname(file), { recursive: true });
      // Two commands at a time: each reads a whole file.
      const own = `${file}.${process.pid}`;
      await writeFile(own, text, { mode: 0o600 });
      await rename(own, file);
    },
  };
}
