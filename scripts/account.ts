import { CreateServiceLinkedRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import type { AwsSession } from "../aws/session";

/** By what Application Auto Scaling changes endpoints. */
const scaling = "sagemaker.application-autoscaling.amazonaws.com";

/**
 * What an account needs once and release builds may not make (`docs/going-to-aws.md`, "Release builds"): the
 * service-linked role of scaled endpoints.
 */
export async function prepareAccount(session: AwsSession): Promise<void> {
  const iam = new IAMClient(session);
  try {
    const { Roles = [] } = await iam.send(new ListRolesCommand({ PathPrefix: `/aws-service-role/${scaling}/` }));
    if (Roles.length === 0) await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: scaling }));
  } finally {
    iam.destroy();
  }
}
