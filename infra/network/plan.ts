import { type Cidr, contains, formatCidr, overlaps, parseCidr, partOf } from "./cidr";

/** Addresses of one environment's network. */
export interface NetworkPlan {
  readonly vpc: string;
  readonly zones: readonly ZonePlan[];
}

export interface ZonePlan {
  /** Letter of the availability zone in its region. */
  readonly letter: string;
  /** Jobs, endpoints and Studio live here. */
  readonly private: string;
  /** NAT gateways only. */
  readonly public: string;
}

/** Private use (RFC 1918). */
const privateBlocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((text) => parseCidr(text)!);
/** Docker's own network on instances that run containers: an address in it would never leave the instance. */
const docker = parseCidr("172.17.0.0/16")!;
/**
 * A VPC has a prefix of 16 to 28, a subnet at most 28 (VPC user guide, "VPC CIDR blocks"); four environments share the
 * block, and a public subnet is a 64th of one.
 */
const widest = 14;
const narrowest = 20;
/**
 * Zones that subnets are planned for. Regions call theirs a to f, but private subnets are eighths, so that half of the
 * addresses stays free for later.
 */
export const zoneLetters = ["a", "b", "c", "d"];

/** Why a block cannot hold the environments' networks; undefined when it can. */
export function blockProblem(text: string): string | undefined {
  const block = parseCidr(text);
  if (!block) return "expected an IPv4 block that starts at its first address, such as 10.64.0.0/16";
  if (block.prefix < widest || block.prefix > narrowest)
    return `expected a prefix of /${widest} to /${narrowest}, since four environments share the block`;
  if (!privateBlocks.some((outer) => contains(outer, block))) return "expected addresses for private use (RFC 1918)";
  if (overlaps(block, docker)) return "overlaps 172.17.0.0/16, which Docker uses on the instances";
  return undefined;
}

/**
 * Cuts an environment's network out of the common block: a quarter of it, of which each zone has an eighth for its
 * private subnet and a 64th, in the other half, for its public one. An environment's addresses depend on nothing but
 * its place, so zones can be added later without moving a subnet, and peered environments never overlap.
 * @param index place of the environment, 0 to 3.
 * @throws RangeError when the block or the zones do not fit.
 */
export function planNetwork(blockText: string, index: number, letters: readonly string[]): NetworkPlan {
  const block = parseCidr(blockText);
  if (!block || blockProblem(blockText)) throw new RangeError(`${blockText} cannot hold the environments' networks`);
  if (!letters.every((letter) => zoneLetters.includes(letter)))
    throw new RangeError(`zones ${letters.join(", ")}, expected some of ${zoneLetters.join(", ")}`);
  const vpc = partOf(block, 2, index);
  const [privateHalf, publicHalf] = [partOf(vpc, 1, 0), partOf(vpc, 1, 1)];
  return { vpc: formatCidr(vpc), zones: letters.map((letter) => zonePlan(letter, privateHalf, publicHalf)) };
}

/** A zone's place follows from its letter, not from its position in the list. */
function zonePlan(letter: string, privateHalf: Cidr, publicHalf: Cidr): ZonePlan {
  const place = zoneLetters.indexOf(letter);
  return {
    letter,
    private: formatCidr(partOf(privateHalf, 2, place)),
    public: formatCidr(partOf(publicHalf, 5, place)),
  };
}
