import { countVpcs } from "../../aws/ec2";
import { quotasOf } from "../../aws/service-quotas";
import type { AwsSession } from "../../aws/session";
import { type Found, ok, together, warning } from "./checks";

const vpc = "aws:ec2/vpc:Vpc";
const studio: Readonly<Record<string, string>> = {
  "Maximum number of Studio user profiles allowed per account": "aws:sagemaker/userProfile:UserProfile",
  "Maximum number of Studio spaces allowed per account": "aws:sagemaker/space:Space",
};
const increase = "Ask for more in the console of Service Quotas, service";

/** Room for a VPC where the stack has none yet (5 a Region by default). @param types of the stack's resources. */
export async function vpcLook(session: AwsSession, types: readonly string[]): Promise<Found> {
  const [count, quotas] = await Promise.all([countVpcs(session), quotasOf(session, "vpc", ["VPCs per Region"])]);
  const most = quotas.get("VPCs per Region")?.value;
  const text = `${count} of ${most ?? "an unknown number of"} VPCs`;
  if (types.includes(vpc) || most === undefined || count < most)
    return ok(types.includes(vpc) ? `${text}, the stack's own among them` : text);
  return warning(
    `${text}: there is no room for one of the stack's own`,
    `${increase} "Amazon Virtual Private Cloud (Amazon VPC)", or delete one that nobody uses.`,
  );
}

/** Room for people in Studio: 2 user profiles and 6 spaces an account by default. @param types of the stack's resources. */
export async function studioLook(session: AwsSession, types: readonly string[]): Promise<Found> {
  const quotas = await quotasOf(session, "sagemaker", Object.keys(studio));
  const found = Object.entries(studio).flatMap(([quota, type]): Found[] => {
    const most = quotas.get(quota)?.value;
    const mine = types.filter((one) => one === type).length;
    if (most === undefined) return [];
    const text = `${mine} of ${most} ${type.endsWith("Space") ? "spaces" : "user profiles"}`;
    return [
      mine < most || mine === 0
        ? ok(text)
        : warning(`${text}: the next person has no room`, `${increase} "Amazon SageMaker": ${quota}.`),
    ];
  });
  return together(found, found.map(({ text }) => text).join(", "));
}
