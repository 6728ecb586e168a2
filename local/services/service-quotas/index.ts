import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Service } from "../../service";
import { quotaOperations } from "./operations";
import { Quotas } from "./quotas";

/** Quotas that the account has been granted before, by their names. */
export type GrantedQuotas = Readonly<Record<string, number>>;

/** Service Quotas: AWS's defaults, what the account was granted, and increases, which are granted at once. */
export function createServiceQuotas(cloud: Cloud, granted: GrantedQuotas = {}): Service {
  // Reading knows no resource; an increase is asked for one quota (IAM, "Actions for Service Quotas").
  const anywhere = (_input: Members, call: Call): Requirement[] => [
    { action: `servicequotas:${call.operation}`, resource: "*" },
  ];
  const onQuota = (input: Members, call: Call): Requirement[] => [
    {
      action: `servicequotas:${call.operation}`,
      resource: cloud.arn("servicequotas", `${input["ServiceCode"]}/${input["QuotaCode"]}`),
      context: { "servicequotas:service": String(input["ServiceCode"]) },
    },
  ];
  return {
    id: "service-quotas",
    iamPrefix: "servicequotas",
    operations: quotaOperations(cloud, new Quotas(cloud, granted)),
    permissions: {
      ListServices: anywhere,
      ListServiceQuotas: anywhere,
      GetServiceQuota: anywhere,
      ListAWSDefaultServiceQuotas: anywhere,
      GetAWSDefaultServiceQuota: anywhere,
      ListRequestedServiceQuotaChangeHistory: anywhere,
      RequestServiceQuotaIncrease: onQuota,
    },
  };
}
