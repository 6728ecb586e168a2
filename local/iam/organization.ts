import type { Cloud } from "../cloud";
import { StartFailure } from "../start-failure";
import { parsePolicy } from "./document";
import { iamRecords } from "./records";

/**
 * Service control policies of one level of the organisation (its root, a unit, the account), by name; every level must
 * allow.
 */
export type ServiceControlLevel = Readonly<Record<string, object>>;

/** Levels that cannot be attached, with all their problems. */
export class ServiceControlInvalid extends StartFailure {
  constructor(readonly problems: readonly string[]) {
    super(`The service control policies cannot be attached: ${problems.join("; ")}.`, "Correct them and start again.");
    this.name = "ServiceControlInvalid";
  }
}

/**
 * Puts the account under the service control policies of an organisation, from the root's down to its own; no levels
 * takes it out of them. Like Organizations they hold for every user, role and the root user of the account, not for
 * service-linked roles and AWS services.
 * @throws ServiceControlInvalid
 */
export function attachServiceControl(cloud: Cloud, levels: readonly ServiceControlLevel[]): void {
  const problems = problemsOf(levels);
  if (problems.length > 0) throw new ServiceControlInvalid(problems);
  const records = iamRecords(cloud);
  const { serviceControl } = records;
  for (const [level] of [...serviceControl.entries()]) serviceControl.delete(level);
  levels.forEach((policies, at) => {
    serviceControl.put(
      String(at),
      Object.fromEntries(Object.entries(policies).map(([name, document]) => [name, JSON.stringify(document)])),
    );
  });
  records.settle();
}

function problemsOf(levels: unknown): string[] {
  if (!Array.isArray(levels)) return ["they are not a list of levels"];
  return levels.flatMap((policies: unknown, at) => {
    const level = `level ${at + 1}`;
    if (typeof policies !== "object" || policies === null || Array.isArray(policies))
      return [`${level} is not an object of policies by name`];
    // AWS refuses to detach the last policy of a level.
    if (Object.keys(policies).length === 0)
      return [`${level} has no policy: attach at least one that allows, as FullAWSAccess does`];
    return Object.entries(policies as Record<string, unknown>).flatMap(([name, document]) =>
      problemOf(document).map((problem) => `${name} of ${level}: ${problem}`),
    );
  });
}

function problemOf(document: unknown): string[] {
  try {
    parsePolicy(JSON.stringify(document) ?? "", "identity");
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
