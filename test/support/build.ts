import { type Recorder, record } from "./mocks";
import { runProgram } from "./program";

export interface Built {
  readonly recorder: Recorder;
  readonly outputs: Record<string, unknown>;
}

/** A program that ran is looked at by many tests: nothing changes it any more. */
const known = new Map<string, Promise<Built>>();

/** Runs a stack's program on mocks with some settings changed, once for the same question. */
export function built(
  stack: string,
  changes: Readonly<Record<string, string>> = {},
  parameters: Readonly<Record<string, string>> = {},
): Promise<Built> {
  const key = JSON.stringify([stack, changes, parameters]);
  if (!known.has(key)) known.set(key, build(stack, changes, parameters));
  return known.get(key)!;
}

async function build(
  stack: string,
  changes: Readonly<Record<string, string>>,
  parameters: Readonly<Record<string, string>>,
): Promise<Built> {
  const recorder = await record(stack, { parameters });
  return { recorder, outputs: await runProgram(stack, changes) };
}

export type Inputs = Record<string, any>;
