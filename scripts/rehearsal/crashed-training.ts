import { UserError } from "../../automation/errors";
import { poll } from "../../automation/poll";
import { runTraining } from "../../automation/release/train";
import { addFault } from "../commands/local-fault";
import { liveConfig } from "./delivery";
import { type OnProgress, patience, type Rehearsal } from "./rehearsal";
import { engineer, stepsText } from "./steps";
import type { Facts } from "./summary";
import { TeamQueue } from "./team-queues";

/**
 * A training whose container is killed: the engineers are told the step and the end of its log, and what serves stays.
 */
export async function crashTraining(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { dev, prod } = rehearsal.environments;
  const { pipelineName, alertTopicArns } = await dev.outputs();
  const engineers = await TeamQueue.subscribe(dev, alertTopicArns.warning, "warning");
  try {
    const before = await liveConfig(prod);
    await addFault({ kind: "failing-job", jobType: "training" }, rehearsal.stateDir);
    const failure = await runTraining(
      engineer(rehearsal),
      pipelineName,
      {},
      `rehearsal-crash-${Date.now()}-${"0".repeat(16)}`,
      (steps) => onProgress(stepsText(steps)),
    ).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(failure instanceof UserError)) throw failure ?? new Error("the training survived the crash of its container");
    const alerts = await poll(
      async () => (await engineers.all()).filter(({ text }) => /TrainDetector/.test(text)),
      (found) => found.length > 0,
      patience,
    );
    if (!alerts[0]) throw new Error("nobody was told that the training failed");
    if ((await liveConfig(prod)) !== before) throw new Error("a failed training changed what production serves");
    return { "crash told": alerts[0].text.replaceAll(/\s+/g, " ").slice(0, 160), "prod unchanged": true };
  } finally {
    await engineers.remove();
  }
}
