import { type CheckResult, combined, failed, ok, warning } from "./finding";

/** Where a stack's network is. */
export interface NetworkSettings {
  readonly networkMode: string;
  /** Letters of availability zones, comma-separated. */
  readonly networkZones: readonly string[];
}

/**
 * Zones of a network of our own; undefined in SageMaker's own, where it chooses them itself. Letters mean other places
 * in each account.
 */
export function networkZones(
  { networkMode, networkZones: letters }: NetworkSettings,
  region: string,
): string[] | undefined {
  return networkMode === "default-vpc" ? undefined : letters.map((letter) => `${region}${letter}`);
}

const others = (stack: string): string =>
  `Choose other zones before the network is made: pulumi config set peregrine:networkZones LETTERS --stack ${stack}`;

/**
 * Whether the zones have the instance types: with a network of our own SageMaker takes instances from its subnets'
 * zones alone. SageMaker tells no zones of its types; what can be known is where EC2 has the same ones.
 * @param offered zones by EC2's type.
 */
export function judgeTypes(
  zones: readonly string[],
  offered: ReadonlyMap<string, ReadonlySet<string>>,
  stack: string,
): CheckResult {
  const found = [...offered].map(([type, where]): CheckResult => {
    const having = zones.filter((zone) => where.has(zone));
    if (having.length === zones.length) return ok(`${type} in ${having.join(", ")}`);
    const elsewhere =
      where.size > 0 ? `EC2 has it in ${[...where].sort().join(", ")}` : "EC2 does not have it in this Region";
    if (having.length > 0)
      return warning(
        `${type} is in ${having.join(", ")} alone: two instances share a zone, and where it is full there is no other (${elsewhere})`,
        others(stack),
      );
    return failed(`${type} is in none of ${zones.join(", ")} (${elsewhere})`, others(stack));
  });
  return combined(found, `${found.map(({ text }) => text).join("; ")} (by EC2; SageMaker does not tell)`);
}

/**
 * Whether interface endpoints of services can be made in all zones of the network.
 * @param offered zones by the service's name.
 */
export function judgeServices(
  zones: readonly string[],
  offered: ReadonlyMap<string, ReadonlySet<string>>,
  stack: string,
): CheckResult {
  const found = [...offered].flatMap(([service, where]): CheckResult[] => {
    const missing = zones.filter((zone) => !where.has(zone));
    if (missing.length === 0) return [];
    if (where.size === 0)
      return [
        failed(
          `${service} is no service of PrivateLink in this Region`,
          "Choose another Region, or settings that do without the service (docs/network.md).",
        ),
      ];
    return [
      failed(`${service} is not in ${missing.join(", ")} (it is in ${[...where].sort().join(", ")})`, others(stack)),
    ];
  });
  return combined(found, `${offered.size} services in ${zones.join(", ")}`);
}
