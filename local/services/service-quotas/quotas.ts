import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import type { Table } from "../../journal";
import defaults from "./defaults.json";

interface Quota {
  readonly code: string;
  readonly name: string;
  /** AWS's default in each Region. */
  readonly value: number;
}

/**
 * Quotas by service code: names, codes and defaults as "Amazon SageMaker AI endpoints and quotas" and "Amazon VPC
 * quotas" list them (AWS General Reference, autumn 2026). Of some 1,900 quotas of SageMaker those of common instance
 * types, without clusters, notebooks, warm pools and transform jobs.
 */
const services: Readonly<Record<string, { readonly name: string; readonly quotas: readonly Quota[] }>> = {
  sagemaker: { name: "Amazon SageMaker", quotas: defaults.sagemaker },
  vpc: { name: "Amazon Virtual Private Cloud (Amazon VPC)", quotas: defaults.vpc },
};

const accounts = new WeakMap<Cloud, Quotas>();

/** A quota's value as it holds now, by name; undefined where the local cloud knows none of that name. */
export function quotaOf(cloud: Cloud, service: string, name: string): number | undefined {
  return accounts.get(cloud)?.value(service, name);
}

/** What the account may have. */
export class Quotas {
  /** Granted increases, by service and code. */
  private readonly applied: Table<number>;

  /** @param granted before the account's first request, by name. @throws Error for a name that is no quota. */
  constructor(
    private readonly cloud: Cloud,
    granted: Readonly<Record<string, number>>,
  ) {
    accounts.set(cloud, this);
    this.applied = cloud.journal.table("service-quotas/applied");
    for (const [name, value] of Object.entries(granted)) {
      const found = Object.entries(services).flatMap(([service, { quotas }]) =>
        quotas.filter((quota) => quota.name === name).map(({ code }) => `${service}/${code}`),
      )[0];
      if (!found) throw new Error(`there is no quota "${name}"`);
      if (!this.applied.has(found)) this.applied.put(found, value);
    }
  }

  /** A quota as it is applied; undefined where there is none of that name. */
  value(service: string, name: string): number | undefined {
    const quota = services[service]?.quotas.find((one) => one.name === name);
    return quota && (this.applied.get(`${service}/${quota.code}`) ?? quota.value);
  }

  services(): Members[] {
    return Object.entries(services).map(([ServiceCode, { name }]) => ({ ServiceCode, ServiceName: name }));
  }

  /**
   * All quotas of a service, by name.
   * @param applied with what was granted; the defaults otherwise.
   * @throws NoSuchResourceException.
   */
  list(service: string, applied: boolean): Members[] {
    const known = services[service];
    if (!known) throw noSuch(`The request failed because the specified service (${service}) does not exist.`);
    return known.quotas.map((quota) => this.shape(service, known.name, quota, applied));
  }

  /** @throws NoSuchResourceException. */
  get(service: string, code: string, applied: boolean): Members {
    const found = this.list(service, applied).find(({ QuotaCode }) => QuotaCode === code);
    if (!found) throw noSuch(`The request failed because the specified quota (${code}) does not exist.`);
    return found;
  }

  grant(service: string, code: string, value: number): void {
    this.applied.put(`${service}/${code}`, value);
  }

  private shape(service: string, serviceName: string, { code, name, value }: Quota, applied: boolean): Members {
    return {
      ServiceCode: service,
      ServiceName: serviceName,
      QuotaArn: this.cloud.arn("servicequotas", `${service}/${code}`),
      QuotaCode: code,
      QuotaName: name,
      Value: (applied ? this.applied.get(`${service}/${code}`) : undefined) ?? value,
      Unit: "None",
      Adjustable: true,
      GlobalQuota: false,
      ...(applied ? { QuotaAppliedAtLevel: "ACCOUNT" } : {}),
    };
  }
}

function noSuch(message: string): AwsError {
  return new AwsError("NoSuchResourceException", message);
}
