import type { Cloud } from "../../../cloud";
import { monitoringChecks } from "../../../checks/monitoring";
import { scheduleTable } from "../monitoring/schedule-store";

/** @throws AwsError ValidationException for an endpoint that a monitoring schedule names. */
export function checkUnwatched(cloud: Cloud, endpoint: string): void {
  const schedule = [...scheduleTable(cloud).values()].find(({ endpointName }) => endpointName === endpoint);
  if (schedule) throw monitoringChecks.endpointUnwatched(endpoint, schedule.name);
}
