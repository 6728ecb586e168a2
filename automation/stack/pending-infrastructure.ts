import { releaseComponents } from "../../contract/tokens";
import { nameOf, type PlannedChange } from "./engine-log";
import type { LatestUpdate } from "./history";
import type { Source } from "./source";

/** The steps of a plan that no release makes, as `operation type name`, each resource once. */
export function infrastructureIn(planned: readonly PlannedChange[]): string[] {
  const steps = planned.filter(
    ({ urn }) =>
      !typesOf(urn).some(
        (type) =>
          releaseComponents.includes(type) || type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:"),
      ),
  );
  // A replacement is several steps of one resource: the first word is enough.
  return [
    ...new Map([...steps].reverse().map(({ operation, urn }) => [urn, `${operation} ${nameOf(urn)}`])).values(),
  ].reverse();
}

/** What the engine's history says of an update from exactly this commit; `deployedFrom` reads it. */
export function updateMessage({ commit, clean }: Source): string | undefined {
  return commit && clean ? `commit ${commit}` : undefined;
}

/**
 * Options by which an update covers less, or other settings, than the commit has; the history names those that were
 * given.
 */
const partial = /^pulumi\.flag\.(target|exclude|config|plan)/;

/**
 * Whether the last thing that happened to a stack is a whole, successful update from this commit: then there is nothing
 * that nobody has deployed. Our updates say it in their message, those by hand are known by what the engine notes of
 * Git.
 */
export function deployedFrom(source: Source, last: LatestUpdate | undefined): boolean {
  const message = updateMessage(source);
  if (!message || last?.kind !== "update" || last.result !== "succeeded") return false;
  const { environment } = last;
  if (Object.keys(environment).some((key) => partial.test(key))) return false;
  return last.message.startsWith("commit ")
    ? last.message === message
    : environment["git.head"] === source.commit && environment["git.dirty"] === "false";
}

/**
 * The resource's type after those of the components around it: `urn:pulumi:<stack>::<project>::<type>$<type>::<name>`.
 */
function typesOf(urn: string): string[] {
  return (urn.split("::")[2] ?? "").split("$");
}
