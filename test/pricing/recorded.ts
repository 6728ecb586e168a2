import { assumptions, type AssumptionName } from "../../pricing/assumptions";
import type { PlannedResource } from "../../pricing/pricer";
import { priceStack, type StackPrice } from "../../pricing/stack";
import { priceTable } from "../../pricing/table";
import { record } from "../support/mocks";
import { runProgram } from "../support/program";
import { releaseOf } from "../support/scope";

/** An environment's resources with a release, as the program registers them. */
export async function recordedStack(
  stack: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<PlannedResource[]> {
  const recorder = await record(stack, {
    parameters: { [`/peregrine/${stack}/release`]: JSON.stringify(releaseOf()) },
  });
  await runProgram(stack, changes);
  // Mocks make ARNs of logical names; a schedule's target is known by the pipeline's own.
  const called = (text: string): string =>
    recorder
      .ofType("aws:sagemaker/pipeline:Pipeline")
      .reduce((all, { name, inputs }) => all.replace(`:pipeline/${name}`, `:pipeline/${inputs["pipelineName"]}`), text);
  return recorder.resources.map(({ type, name, inputs }) => {
    const { target } = inputs as { target?: { arn?: string } };
    const named = target?.arn ? { ...inputs, target: { ...target, arn: called(target.arn) } } : inputs;
    return resource(type, named, name, stack);
  });
}

/** A resource as a plan has it. */
export function resource(
  type: string,
  inputs: Readonly<Record<string, unknown>> = {},
  name = "one",
  stack = "dev",
): PlannedResource {
  return { urn: `urn:pulumi:${stack}::peregrine::${type}::${name}`, type, inputs };
}

/** The price of resources in Frankfurt. */
export function priceOf(
  resources: readonly PlannedResource[],
  assume: Readonly<Partial<Record<AssumptionName, number>>> = {},
  settings: Readonly<Record<string, string>> = {},
): StackPrice {
  return priceStack(resources, { table: priceTable, region: "eu-central-1", assume: assumptions(assume), settings });
}
