import type { Cloud } from "../cloud";
import type { Members } from "../members";
import type { Handler } from "../operation";
import { interfaceServices } from "../network/services";
import { platformChecks } from "../checks/platform";

/** DescribeVpcEndpointServices: every service in every zone of the Region, which AWS's are not. */
export function serviceOperations(cloud: Cloud, toMoto: Handler): Record<string, Handler> {
  return {
    DescribeVpcEndpointServices: async (input, call) => {
      const { AvailabilityZones: rows } = (await toMoto(
        {},
        { ...call, operation: "DescribeAvailabilityZones", caller: { ...call.caller, raw: undefined } },
      )) as Members;
      const zones = (rows as Members[]).map(({ ZoneName }) => String(ZoneName));
      const all = interfaceServices(cloud.region);
      const unknown = ((input["ServiceNames"] ?? []) as string[]).find((name) => !all.includes(name));
      if (unknown) throw platformChecks.privateLinkService(unknown);
      const filters = (input["Filters"] ?? []) as Members[];
      const wanted = [
        input["ServiceNames"] as string[] | undefined,
        ...filters.filter(({ Name }) => Name === "service-name").map(({ Values }) => Values as string[]),
      ].filter((names) => names !== undefined);
      const found = all.filter((name) => wanted.every((names) => names.includes(name)));
      return {
        ServiceNames: found,
        ServiceDetails: found.map((name) => ({
          ServiceName: name,
          ServiceType: [{ ServiceType: "Interface" }],
          AvailabilityZones: zones,
          Owner: "amazon",
          VpcEndpointPolicySupported: true,
        })),
      };
    },
  };
}
