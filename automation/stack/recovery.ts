import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { hasEnded } from "../lock-holder";
import { EngineLog } from "./engine-log";
import type { StackOperations } from "./operations";
import { pendingOptions, releasedOnly, stackHolders } from "./pending-operations";
import type { StackState } from "./stack-state";

const pollMs = 500;

/**
 * Brings a stack's state to what AWS has, after an engine was killed: waits for one that goes on without its parent,
 * removes the lock of one that has ended, and imports what was being created.
 * @param scope `release` for what releases change, which is all that their role may read.
 * @param onWait told while another engine is at work.
 * @throws StackLocked when another machine holds the stack.
 */
export async function recoverStack(
  stack: string,
  state: StackState,
  operations: Pick<StackOperations, "refresh" | "cancel">,
  scope: "release" | "everything",
  onWait: (what: string) => void,
): Promise<void> {
  for (;;) {
    const { resources, pending } = await state.read();
    const targets = scope === "release" ? releasedOnly(resources, pending) : [];
    const error = await refreshError(operations, [...pendingOptions(pending), ...targets]);
    if (!error) return;
    const holders = stackHolders(error.message);
    if (holders.length === 0 || holders.some(({ host }) => host !== hostname()))
      throw new EngineLog().explain("refresh", stack, error);
    if (holders.every(hasEnded)) await operations.cancel();
    else {
      const pids = holders.map(({ pid }) => pid).join(", ");
      onWait(`waiting for the engine of a command that was killed (process ${pids})`);
      await delay(pollMs);
    }
  }
}

/**
 * Reads what the endpoint runs into the state, which believes in an update that SageMaker took back.
 * @throws ProgramFailed, StackLocked.
 */
export async function refreshEndpoint(
  stack: string,
  state: StackState,
  operations: Pick<StackOperations, "refresh">,
): Promise<void> {
  const { resources } = await state.read();
  const endpoints = resources.filter(({ type }) => type === "aws:sagemaker/endpoint:Endpoint");
  if (endpoints.length === 0) return;
  const targets = endpoints.flatMap(({ urn }) => ["--target", urn]);
  const error = await refreshError(operations, targets);
  if (error) throw new EngineLog().explain("refresh", stack, error);
}

function refreshError(
  operations: Pick<StackOperations, "refresh">,
  options: readonly string[],
): Promise<Error | undefined> {
  return operations.refresh(options).then(
    () => undefined,
    (error: Error) => error,
  );
}
