import { Inputs, optional } from "../inputs";
import { hoursBetween, runsPerMonth } from "../schedule";
import type { World } from "../pricer";

interface Schedule {
  readonly urn: string;
  readonly expression: string;
  /** ARN of what it calls; undefined while a preview does not know it. */
  readonly target: string | undefined;
  /** What it hands over, as text; undefined while a preview does not know it, or when it is nothing. */
  readonly input: string | undefined;
}

/** The stack's schedules that are switched on. */
function schedules({ resources }: World): Schedule[] {
  const all = resources
    .filter(({ type }) => type === "aws:scheduler/schedule:Schedule")
    .map(({ urn, inputs }) => ({ urn, inputs: new Inputs(inputs, "schedule") }));
  return all
    .filter(({ inputs }) => isOn(inputs))
    .map(({ urn, inputs }) => ({
      urn,
      expression: inputs.text("scheduleExpression"),
      target: optional(() => inputs.object("target").optionalText("arn")),
      input: optional(() => inputs.object("target").optionalText("input")),
    }));
}

export function isOn(schedule: Inputs): boolean {
  return (schedule.optionalText("state") ?? "ENABLED") === "ENABLED";
}

/** How often schedules of the stack start a pipeline in a month; undefined when none does. */
export function scheduledRuns(pipelineName: string | undefined, world: World): number | undefined {
  const starts = schedules(world).filter(({ urn, target }) =>
    // The ARN of a pipeline that is still to come is unknown: then the schedule is the one that lies beside it.
    target === undefined
      ? areSiblings(urn, world.urn)
      : pipelineName !== undefined && target.toLowerCase().endsWith(`:pipeline/${pipelineName.toLowerCase()}`),
  );
  return starts.length === 0
    ? undefined
    : starts.reduce((runs, { expression }) => runs + runsPerMonth(expression, world.assume.hoursPerMonth), 0);
}

/**
 * Hours a month that an endpoint is there, when schedules delete it in the evening and make it again in the morning;
 * else all.
 */
export function hoursOpen(endpointName: string | undefined, world: World): number {
  const calls = (operation: string) =>
    schedules(world).filter(
      ({ target, input }) =>
        target?.endsWith(`:sagemaker:${operation}`) &&
        (input === undefined || endpointName === undefined || input.includes(endpointName)),
    );
  const [evening, morning] = [calls("deleteEndpoint"), calls("createEndpoint")];
  if (evening.length !== 1 || morning.length !== 1) return world.assume.hoursPerMonth;
  return hoursBetween(morning[0]!.expression, evening[0]!.expression, world.assume.hoursPerMonth);
}

/** Whether two resources have the same parents: `urn:pulumi:<stack>::<project>::<parents>$<type>::<name>`. */
function areSiblings(one: string, other: string): boolean {
  const parents = (urn: string) => urn.split("::")[2]?.split("$").slice(0, -1).join("$") ?? "";
  return parents(one) !== "" && parents(one) === parents(other);
}
