import { UserError } from "../../automation/errors";
import { Lock, StateLocked } from "../../local/lock";

/**
 * Claims a checkout for one rehearsal: two would take each other's state, ports and builds. What a killed one left
 * behind is taken over.
 * @param folder beside the rehearsal's state, which each one makes anew.
 * @throws UserError naming the process that rehearses.
 */
export function claimRehearsal(folder: string): Lock {
  try {
    return Lock.take(folder);
  } catch (error) {
    if (!(error instanceof StateLocked)) throw error;
    throw new UserError(
      `Another rehearsal runs in this checkout (process ${error.pid}).`,
      `Wait until it has ended, or end it: kill -INT ${error.pid}. To rehearse twice at a time, use a second checkout.`,
      { cause: error },
    );
  }
}
