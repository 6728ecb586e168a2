import { zonesOffering, zonesOfServices } from "../../aws/ec2";
import type { AwsSession } from "../../aws/session";
import { failed, type Found, ok, together, warning } from "./finding";
import type { DoctorSettings } from "./settings";

/** Zones of a network of our own; undefined in SageMaker's own, where it chooses them itself. Letters mean other places in each account. */
function networkZones(
  { networkMode, networkZones: letters }: DoctorSettings,
  { region }: AwsSession,
): string[] | undefined {
  return networkMode === "default-vpc" ? undefined : letters.split(",").map((letter) => `${region}${letter.trim()}`);
}

const others = (stack: string): string =>
  `Choose other zones before the network is made: pulumi config set peregrine:networkZones LETTERS --stack ${stack}`;

/**
 * Whether the zones have the instance types: with a network of our own SageMaker takes instances from its subnets' zones alone. SageMaker tells no
 * zones of its types; what can be known is where EC2 has the same ones.
 * @param offered zones by EC2's type.
 */
function judgeTypes(zones: readonly string[], offered: ReadonlyMap<string, ReadonlySet<string>>, stack: string): Found {
  const found = [...offered].map(([type, where]): Found => {
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
  return together(found, `${found.map(({ text }) => text).join("; ")} (by EC2; SageMaker does not tell)`);
}

/** Whether interface endpoints of services can be made in all zones of the network. @param offered zones by the service's name. */
export function judgeServices(
  zones: readonly string[],
  offered: ReadonlyMap<string, ReadonlySet<string>>,
  stack: string,
): Found {
  const found = [...offered].flatMap(([service, where]): Found[] => {
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
  return together(found, `${offered.size} services in ${zones.join(", ")}`);
}

/** Looks where the settings' instance types are. */
export async function typesLook(session: AwsSession, settings: DoctorSettings, stack: string): Promise<Found> {
  const zones = networkZones(settings, session);
  if (!zones) return ok("SageMaker chooses the zones of its own network");
  const { servingInstanceType, trainingInstanceType, processingInstanceType } = settings;
  const types = [...new Set([servingInstanceType, trainingInstanceType, processingInstanceType])].map((type) =>
    type.replace(/^ml\./, ""),
  );
  return judgeTypes(zones, await zonesOffering(session, types), stack);
}

/** Looks where the services are that the stack has, or would get, interface endpoints of. @param services their names. */
export async function servicesLook(
  session: AwsSession,
  settings: DoctorSettings,
  stack: string,
  services: () => Promise<readonly string[]>,
): Promise<Found> {
  const zones = networkZones(settings, session);
  const names = zones ? await services() : [];
  return zones && names.length > 0
    ? judgeServices(zones, await zonesOfServices(session, names), stack)
    : ok("the network has no interface endpoints");
}
