import { zonesOffering, zonesOfServices } from "../../aws/ec2";
import type { AwsSession } from "../../aws/session";
import { type CheckResult, ok } from "../../lifecycle/health/finding";
import { judgeServices, judgeTypes, networkZones } from "../../lifecycle/health/zones";
import type { DoctorSettings } from "./settings";

/** Whether the network's zones have the settings' instance types. */
export async function instanceTypesCheck(
  session: AwsSession,
  settings: DoctorSettings,
  stack: string,
): Promise<CheckResult> {
  const zones = networkZones(settings, session.region);
  if (!zones) return ok("SageMaker chooses the zones of its own network");
  const { servingInstanceType, trainingInstanceType, processingInstanceType } = settings;
  const types = [...new Set([servingInstanceType, trainingInstanceType, processingInstanceType])].map((type) =>
    type.replace(/^ml\./, ""),
  );
  return judgeTypes(zones, await zonesOffering(session, types), stack);
}

/**
 * Whether the network's zones have the services that the stack has, or would get, interface endpoints of.
 * @param services their names.
 */
export async function privateLinkCheck(
  session: AwsSession,
  settings: DoctorSettings,
  stack: string,
  services: () => Promise<readonly string[]>,
): Promise<CheckResult> {
  const zones = networkZones(settings, session.region);
  const names = zones ? await services() : [];
  return zones && names.length > 0
    ? judgeServices(zones, await zonesOfServices(session, names), stack)
    : ok("the network has no interface endpoints");
}
