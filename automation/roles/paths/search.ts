import { findPaths, type PathsAnswer } from "./find";
import { worldOfAccount } from "./account-world";
import type { AwsSession } from "../../../aws/session";
import { callerIdentity } from "../../../aws/sts";
import { UserError } from "../../errors";
import type { EnvironmentName } from "../../../contract/environments";
import { Scope } from "../../../infra/scope";
import { validate } from "../../../infra/settings/settings";
import { forbiddenGoals } from "../../../lifecycle/access/forbidden-goals";
import type { Goal } from "../../../lifecycle/access/goal";
import type { Evaluator } from "../../../lifecycle/access/evaluator";
import { stackConfig } from "../../stack/stack-config";
import { actorsOf } from "../world/actors";
import { worldOf } from "../world/world";

/** An account that stands for yours: policies differ in its number alone. */
const anyAccount = "123456789012";

/**
 * The scopes of stacks as their files configure them.
 * @param accounts of each stack; one for all where it is left out.
 */
export function scopesOf(
  stacks: readonly EnvironmentName[],
  changes: Readonly<Partial<Record<EnvironmentName, Readonly<Record<string, string>>>>> = {},
  accounts: Readonly<Partial<Record<EnvironmentName, string>>> = {},
): Scope[] {
  return stacks.map((stack) => {
    const { settings, problems } = validate(stack, { ...stackConfig(stack), ...changes[stack] });
    if (!settings)
      throw new UserError(
        `The settings of ${stack} are not valid: ${problems.map(({ propertyPath, reason }) => `${propertyPath} ${reason}`).join("; ")}`,
        `Correct Pulumi.${stack}.yaml.`,
      );
    return new Scope(settings, { accountId: accounts[stack] ?? anyAccount, partition: "aws" });
  });
}

/** The goals of that name, or all. @throws UserError for a name that no goal has. */
export function goalsNamed(name: string | undefined): readonly Goal[] {
  if (name === undefined) return forbiddenGoals;
  const goals = forbiddenGoals.filter((goal) => goal.name === name);
  if (goals.length === 0)
    throw new UserError(
      `There is no goal ${name}.`,
      `The goals are ${forbiddenGoals.map((goal) => goal.name).join(", ")}.`,
    );
  return goals;
}

/**
 * Searches an account that has the stacks, as it is: whatever somebody changed by hand is seen. Reads only; needs AWS.
 */
export async function searchAccount(
  session: AwsSession,
  stacks: readonly EnvironmentName[],
  evaluator: Evaluator,
  goals: readonly Goal[] = forbiddenGoals,
): Promise<PathsAnswer> {
  const { accountId } = await callerIdentity(session);
  const world = await worldOfAccount(
    session,
    worldOf(scopesOf(stacks, {}, Object.fromEntries(stacks.map((stack) => [stack, accountId])))),
  );
  return findPaths(world, evaluator, goals, actorsOf(world));
}

/** Searches the given stacks for forbidden goals, from the policies that the program renders. */
export function searchStacks(
  scopes: readonly Scope[],
  evaluator: Evaluator,
  goals: readonly Goal[] = forbiddenGoals,
): PathsAnswer {
  const world = worldOf(scopes);
  return findPaths(world, evaluator, goals, actorsOf(world));
}
