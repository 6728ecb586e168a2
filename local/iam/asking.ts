import type { Cloud } from "../cloud";
import type { Members } from "../members";
import type { Service } from "../service";
import type { Principal } from "./principal";

/**
 * Asks IAM whether a role may do what a service does as it, where the service here does it by itself: nothing runs and
 * nothing is recorded, but the right counts as used.
 * @param host the service that would call, as `sagemaker.amazonaws.com`.
 * @param changes what takes the place of the called service's own tables.
 * @throws AwsError in the called service's words.
 */
export function askAs(
  cloud: Cloud,
  role: Principal,
  [service, operation]: readonly [service: string, operation: string],
  input: Members,
  host: string,
  changes: Partial<Service> = {},
): void {
  const owner: Service = { ...(cloud.services.get(service) ?? { id: service, operations: {} }), ...changes };
  cloud.authoriser.authorise(owner, input, cloud.asked(role, service, operation, host));
}
