import type { Recorded, Recorder } from "./mocks";
import type { Part } from "./policy";

/** A recorded resource with the outputs that the recorder gave it, as far as rules compare them. */
export function partsOf(recorder: Recorder): Part[] {
  return recorder.resources.map(({ type, name, outputs }) => ({ type, name, props: { ...outputs } }));
}

/** The inputs of the provider that a recorded resource goes through. */
export function providerOf(recorder: Recorder, { provider }: Recorded): Readonly<Record<string, unknown>> | undefined {
  return recorder.resources.find(
    ({ type, name }) => type === "pulumi:providers:aws" && provider.includes(`pulumi:providers:aws::${name}::`),
  )?.inputs;
}
