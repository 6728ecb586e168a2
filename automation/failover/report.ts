import { ObjectStore } from "../../aws/s3";
import { readJson } from "../../contract/json";
import {
  allServe,
  type FailoverState,
  failoverLedgerKey,
  failoverState,
  failoverStateKey,
  type Rung,
  type Server,
  serverSwitch,
} from "../../contract/front-door";
import type { StackOutputs } from "../../contract/outputs";
import { serverToldBy } from "../../lifecycle/failover/breaker";
import { switchLedger } from "../../records/failover-book";
import { LedgerBroken } from "../../records/ledger";
import { UserError } from "../errors";
import type { Environment } from "../stack/environment";

/** Who answers an environment's clients, and how that came about. */
export interface FailoverReport {
  readonly environment: string;
  /** Address of the front door. */
  readonly url: string;
  readonly server: Server;
  readonly resting: readonly { readonly rung: Rung; readonly since: string; readonly until: string }[];
  /** Oldest first; `by` is the function that noticed. */
  readonly switches: readonly {
    readonly at: string;
    readonly from: Server;
    readonly to: Server;
    readonly reasons: readonly string[];
    readonly by: string;
  }[];
}

/**
 * Reads the state of the breakers and the ledger of switches, whose chain it verifies.
 * @throws UserError where the environment has no front door, or the ledger is broken.
 */
export async function failoverReport(
  environment: Pick<Environment, "name" | "session" | "outputs">,
): Promise<FailoverReport> {
  const outputs = await environment.outputs();
  if (!outputs.frontDoorUrl)
    throw new UserError(
      `${environment.name} has no front door: clients ask its endpoint ${outputs.endpointName} itself.`,
      `See what it serves: npx peregrine status --stack ${environment.name}. A front door comes with the setting peregrine:frontDoor (docs/front-door.md).`,
    );
  const store = new ObjectStore(environment.session);
  const [state, switches] = await Promise.all([stateOf(store, outputs), switchesOf(store, outputs)]);
  return {
    environment: environment.name,
    url: outputs.frontDoorUrl,
    server: serverToldBy(state, switches),
    resting: Object.entries(state.breakers).flatMap(([rung, breaker]) =>
      breaker?.state === "open"
        ? [{ rung: rung as Rung, since: iso(breaker.sinceMs), until: iso(breaker.untilMs) }]
        : [],
    ),
    switches,
  };
}

async function stateOf(store: ObjectStore, { artifactsBucket: bucket }: StackOutputs): Promise<FailoverState> {
  const body = await store.get({ bucket, key: failoverStateKey });
  const read = body && readJson(body.toString("utf8"), failoverState);
  return read?.kind === "value" ? read.value : allServe;
}

async function switchesOf(
  store: ObjectStore,
  { artifactsBucket }: StackOutputs,
): Promise<FailoverReport["switches"][number][]> {
  try {
    const entries = await switchLedger(store, artifactsBucket).entries();
    return entries.map(({ at, by, body }) => {
      const { from, to, reasons } = serverSwitch.pick({ from: true, to: true, reasons: true }).parse(body);
      return { at, from, to, reasons, by };
    });
  } catch (error) {
    if (!(error instanceof LedgerBroken)) throw error;
    throw new UserError(
      error.message,
      `Tell the auditor; earlier versions of s3://${artifactsBucket}/${failoverLedgerKey} show what it was.`,
      { cause: error },
    );
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
