import { ObjectStore } from "../../aws/s3";
import { readJson } from "../../contract/json";
import {
  nothingViolated,
  type RemediationEntry,
  remediationEntriesPrefix,
  remediationEntry,
  type RemediationState,
  remediationState,
  remediationStateKey,
} from "../../contract/remediation";
import type { Environment } from "../stack/environment";

/** What was changed in an environment after its deployment, and what became of it. */
export interface RemediationReport {
  readonly environment: string;
  /** What is not as it ought to be now. */
  readonly open: readonly {
    readonly violation: string;
    readonly resource: string;
    readonly since: string;
    readonly rung: string;
    readonly actor?: string;
    readonly tries: number;
  }[];
  /** Newest first. */
  readonly entries: readonly RemediationEntry[];
}

/** Reads what the healer remembers, and its newest entries. Nothing where nothing was ever wrong. */
export async function remediationReport(
  environment: Pick<Environment, "name" | "session" | "outputs">,
  most: number,
): Promise<RemediationReport> {
  const { artifactsBucket: bucket } = await environment.outputs();
  const store = new ObjectStore(environment.session);
  const state = await stateOf(store, bucket);
  // Their names begin with the day and the time of the violation.
  const keys = (await store.list(bucket, remediationEntriesPrefix)).map(({ key }) => key).slice(-most);
  const entries = await Promise.all(keys.map((key) => entryOf(store, bucket, key)));
  return {
    environment: environment.name,
    open: Object.values(state.incidents)
      .filter(({ rung }) => rung !== "verified")
      .map(({ violation, resource, seenMs, rung, actor, tries }) => ({
        violation,
        resource,
        since: new Date(seenMs).toISOString(),
        rung,
        ...(actor === undefined ? {} : { actor }),
        tries: tries.length,
      })),
    entries: entries.flatMap((entry) => entry ?? []).sort((one, other) => (one.at < other.at ? 1 : -1)),
  };
}

async function stateOf(store: ObjectStore, bucket: string): Promise<RemediationState> {
  const body = await store.get({ bucket, key: remediationStateKey });
  const read = body && readJson(body.toString("utf8"), remediationState);
  return read?.kind === "value" ? read.value : nothingViolated;
}

async function entryOf(store: ObjectStore, bucket: string, key: string): Promise<RemediationEntry | undefined> {
  const body = await store.get({ bucket, key });
  const read = body && readJson(body.toString("utf8"), remediationEntry);
  return read?.kind === "value" ? read.value : undefined;
}
