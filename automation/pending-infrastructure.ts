import { nameOf, type PlannedChange } from "./events";

/** Components that come and change with a release: everything else in a stack is infrastructure, but for the engine's own (the stack, providers). */
const releaseComponents = ["peregrine:serving:MonitoredEndpoint", "peregrine:cost:Nights"];

/** The steps of a plan that no release makes, as `operation type name`, each resource once. */
export function infrastructureIn(planned: readonly PlannedChange[]): string[] {
  const steps = planned.filter(({ urn }) => !typesOf(urn).some((type) => releaseComponents.includes(type) || type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:")));
  // A replacement is several steps of one resource: the first word is enough.
  return [...new Map([...steps].reverse().map(({ operation, urn }) => [urn, `${operation} ${nameOf(urn)}`])).values()].reverse();
}

/** The resource's type after those of the components around it: `urn:pulumi:<stack>::<project>::<type>$<type>::<name>`. */
function typesOf(urn: string): string[] {
  return (urn.split("::")[2] ?? "").split("$");
}
