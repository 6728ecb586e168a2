import { randomUUID } from "node:crypto";
import type { Call } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { page } from "../pages";
import type { Quotas } from "./quotas";

/** Entries on a page, where the caller does not say how many (Service Quotas API: 1 to 100). */
const pageSize = 100;

/** Service Quotas' operations as far as accounts are examined and enlarged. */
export function quotaOperations(cloud: Cloud, quotas: Quotas): Record<string, Handler> {
  const history = cloud.journal.table<Members>("service-quotas/requests");
  const paged = (member: string, items: readonly Members[], input: Members): Members => {
    const { items: some, next } = page(items, input["NextToken"], input["MaxResults"] ?? pageSize);
    return { [member]: some, NextToken: next };
  };
  const listed = (input: Members, applied: boolean): Members => {
    const code = input["QuotaCode"];
    return paged(
      "Quotas",
      code ? [quotas.get(input["ServiceCode"], code, applied)] : quotas.list(input["ServiceCode"], applied),
      input,
    );
  };
  return {
    ListServices: (input) => paged("Services", quotas.services(), input),
    ListServiceQuotas: (input) => listed(input, true),
    ListAWSDefaultServiceQuotas: (input) => listed(input, false),
    GetServiceQuota: (input) => ({ Quota: quotas.get(input["ServiceCode"], input["QuotaCode"], true) }),
    GetAWSDefaultServiceQuota: (input) => ({ Quota: quotas.get(input["ServiceCode"], input["QuotaCode"], false) }),

    RequestServiceQuotaIncrease: (input, call) => {
      const quota = quotas.get(input["ServiceCode"], input["QuotaCode"], true);
      const wanted = input["DesiredValue"] as number;
      if (wanted <= quota["Value"])
        throw new AwsError(
          "IllegalArgumentException",
          `You must provide a quota value greater than the current quota value of ${quota["Value"]}.`,
        );
      // AWS takes from minutes to days; here nobody has to be asked.
      quotas.grant(input["ServiceCode"], input["QuotaCode"], wanted);
      const request = requestOf(quota, wanted, call);
      history.put(request["Id"], request);
      return { RequestedQuota: dated(request) };
    },

    ListRequestedServiceQuotaChangeHistory: (input) => {
      const { ServiceCode, Status } = input;
      const found = [...history.values()].filter(
        (one) =>
          (ServiceCode ?? one["ServiceCode"]) === one["ServiceCode"] && (Status ?? one["Status"]) === one["Status"],
      );
      return paged("RequestedQuotas", found.map(dated), input);
    },
  };
}

function requestOf(
  { ServiceCode, ServiceName, QuotaCode, QuotaName, QuotaArn, GlobalQuota, Unit }: Members,
  DesiredValue: number,
  { now, principal }: Call,
): Members {
  const at = now.getTime();
  const Requester = JSON.stringify({ accountId: principal.accountId, callerArn: principal.arn });
  return {
    Id: randomUUID().replaceAll("-", ""),
    ServiceCode,
    ServiceName,
    QuotaCode,
    QuotaName,
    QuotaArn,
    GlobalQuota,
    Unit,
    DesiredValue,
    Status: "APPROVED",
    Created: at,
    LastUpdated: at,
    Requester,
    QuotaRequestedAtLevel: "ACCOUNT",
  };
}

/** The journal keeps times as numbers. */
function dated(request: Members): Members {
  return { ...request, Created: new Date(request["Created"]), LastUpdated: new Date(request["LastUpdated"]) };
}
