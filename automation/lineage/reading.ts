import { createHash } from "node:crypto";
import type { AwsSession } from "../../aws/session";
import type { EnvironmentName } from "../../contract/environments";
import type { StackOutputs } from "../../contract/outputs";
import type { LineageGraph } from "../../records/lineage/graph";

/** An environment as lineage reads it. */
export interface LineagePlace {
  readonly name: EnvironmentName;
  readonly session: AwsSession;
  readonly outputs: StackOutputs;
}

/** Runs a reading; what it throws becomes a gap. */
export async function reading<Result>(
  graph: Pick<LineageGraph, "gap">,
  what: string,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    graph.gap(`${what} could not be read: ${(error as Error).name}: ${(error as Error).message}`);
    return undefined;
  }
}

export function sha256Of(body: Buffer | string): string {
  return createHash("sha256").update(body).digest("hex");
}
