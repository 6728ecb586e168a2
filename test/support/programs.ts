import { type Recorder, record } from "./mocks";
import { runProgram } from "./program";
import { releaseOf } from "./scope";

const runs = new Map<string, Promise<Recorder>>();

/**
 * What a stack's program registers with a release, under changed settings. Looked at by many tests, so nothing changes
 * it.
 */
export function programOf(stack: string, changes: Readonly<Record<string, string>> = {}): Promise<Recorder> {
  const key = JSON.stringify([stack, changes]);
  if (!runs.has(key)) runs.set(key, start(stack, changes));
  return runs.get(key)!;
}

async function start(stack: string, changes: Readonly<Record<string, string>>): Promise<Recorder> {
  const recorder = await record(stack, {
    parameters: { [`/peregrine/${stack}/release`]: JSON.stringify(releaseOf()) },
  });
  await runProgram(stack, changes);
  return recorder;
}
