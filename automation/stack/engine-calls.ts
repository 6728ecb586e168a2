import type { DestroyOptions, PreviewOptions, Stack, UpOptions } from "@pulumi/pulumi/automation";

/** A stack's operations. They have no results: events tell what the engine did, the state what it left. */
export interface EngineCalls {
  preview(options: PreviewOptions): Promise<unknown>;
  up(options: UpOptions): Promise<unknown>;
  destroy(options: DestroyOptions): Promise<unknown>;
}

/**
 * The operations of a stack without what the Automation API does after each of them: it runs the CLI three times more,
 * for outputs and a summary that nobody reads here, and has no option against it. So an object that is the stack in
 * everything else answers these two questions with nothing; it is known by `EngineCalls` alone, so that nobody can ask
 * it for outputs.
 */
export function engineCalls(stack: Stack): EngineCalls {
  return Object.create(stack, {
    outputs: { value: () => Promise.resolve({}) },
    info: { value: () => Promise.resolve(undefined) },
  }) as EngineCalls;
}
