import {
  paginateListAWSDefaultServiceQuotas,
  paginateListServiceQuotas,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { type AwsSession, clientSettings } from "./session";

/** One quota of the account in the session's Region. */
export interface Quota {
  readonly code: string;
  readonly value: number;
}

/**
 * Quotas of a service by their names, such as `ml.g6.xlarge for endpoint usage`; one that is not in the answer does not
 * exist. Where nothing is applied to the account, Service Quotas leaves a quota out of its list, and AWS's default
 * holds. SageMaker has some 1,900 quotas on 19 pages, so this takes seconds on AWS.
 * @param service its code: `sagemaker`, `vpc`.
 */
export async function quotasOf(
  session: AwsSession,
  service: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, Quota>> {
  const client = new ServiceQuotasClient(clientSettings(session));
  const found = new Map<string, Quota>();
  for (const list of [paginateListServiceQuotas, paginateListAWSDefaultServiceQuotas])
    // An input of its own each: the paginator writes its token into it.
    for await (const page of list({ client }, { ServiceCode: service, MaxResults: 100 })) {
      for (const { QuotaName = "", QuotaCode = "", Value } of page.Quotas ?? [])
        if (names.includes(QuotaName) && !found.has(QuotaName) && Value !== undefined)
          found.set(QuotaName, { code: QuotaCode, value: Value });
      if (names.every((name) => found.has(name))) return found;
    }
  return found;
}
