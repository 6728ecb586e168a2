import { Listr } from "listr2";
import { UserError } from "../../automation/errors";
import { elapsed } from "../terminal";
import type { OnProgress } from "./rehearsal";
import type { Facts, StepRecord } from "./summary";

export type Step = readonly [title: string, action: (onProgress: OnProgress) => Promise<Facts>];

/** Runs the steps in order, each shown live with its time and one line of result; the first failure ends the run. */
export async function runSteps(list: readonly Step[], records: StepRecord[]): Promise<void> {
  const tasks = list.map(([title, action]) => ({
    title,
    task: async (_context: unknown, task: { title: string; output: string }): Promise<void> => {
      const started = performance.now();
      const seconds = () => (performance.now() - started) / 1000;
      try {
        const facts = await action(sparingly((text) => (task.output = `${text} (${elapsed(seconds() * 1000)})`)));
        records.push({ name: title, ok: true, seconds: seconds(), facts });
        const line = Object.entries(facts)
          .map(([name, value]) => `${name} ${value}`)
          .join(", ");
        task.title = `${title}  [${elapsed(seconds() * 1000)}]  ${line}`;
      } catch (error) {
        const text = error instanceof UserError ? `${error.message}\n${error.next}` : (error as Error).message;
        records.push({ name: title, ok: false, seconds: seconds(), facts: {}, error: text });
        throw error;
      }
    },
  }));
  await new Listr(tasks, {
    exitOnError: true,
    renderer: process.stdout.isTTY ? "default" : "simple",
    rendererOptions: { collapseErrors: false } as object,
  }).run();
}

/** A terminal shows one line that changes; a log would get a line for each change, so it gets one in five seconds. */
function sparingly(onProgress: OnProgress): OnProgress {
  if (process.stdout.isTTY) return onProgress;
  let last = performance.now();
  return (text) => {
    if (performance.now() - last < 5000) return;
    last = performance.now();
    onProgress(text);
  };
}
