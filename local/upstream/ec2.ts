import type { Cloud } from "../cloud";
import type { Members } from "../members";
import type { Handler } from "../operation";
import { recordTable } from "../provider/records";

/**
 * VPCs that the Pulumi provider keeps as records, beside moto's (the default one): an account counts them all. Other
 * EC2 resources of the provider are not listed.
 */
export function vpcOperations(cloud: Cloud, toMoto: Handler): Record<string, Handler> {
  return {
    DescribeVpcs: async (input, call) => {
      // As from inside: the bytes of the request would be answered by moto in full, with nothing to add.
      const answer = (await toMoto(input, { ...call, caller: { ...call.caller, raw: undefined } })) as Members;
      const wanted = input["VpcIds"] as string[] | undefined;
      const kept = [...recordTable(cloud).values()].filter(
        ({ type, id }) => type === "aws:ec2/vpc:Vpc" && (wanted?.includes(id) ?? true),
      );
      // Filters are moto's to understand; what it does not know it does not find.
      const own = input["Filters"] ? [] : kept.map(({ id, tags, properties }) => vpcOf(cloud, id, tags, properties));
      return { Vpcs: [...((answer["Vpcs"] as Members[] | undefined) ?? []), ...own], NextToken: answer["NextToken"] };
    },
  };
}

function vpcOf(
  cloud: Cloud,
  id: string,
  tags: Readonly<Record<string, string>>,
  { cidrBlock }: Readonly<Record<string, unknown>>,
): Members {
  return {
    VpcId: id,
    CidrBlock: cidrBlock,
    State: "available",
    IsDefault: false,
    OwnerId: cloud.accountId,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  };
}
