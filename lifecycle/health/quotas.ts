import { type CheckResult, combined, failed, ok, warning } from "./finding";

/** A quota as the account has it: its code at Service Quotas (`L-...`), and how much it is. */
export interface Quota {
  readonly code: string;
  readonly value: number;
}

/** The settings that quotas are needed for. */
export interface CapacitySettings {
  readonly servingInstanceType: string;
  readonly servingMinInstances: number;
  readonly servingMaxInstances: number;
  readonly trainingInstanceType: string;
  readonly processingInstanceType: string;
  readonly trainingSpot: boolean;
}

/** What the settings ask of one quota. */
export interface QuotaNeed {
  /**
   * As Service Quotas calls it: one per instance type and use (AWS General Reference, "Amazon SageMaker AI endpoints
   * and quotas").
   */
  readonly quota: string;
  /** Below this it does not work. */
  readonly min: number;
  /** Below this it does not work under full load. */
  readonly wanted: number;
  readonly why: string;
}

/** An update starts the new fleet beside the old one, so that an endpoint needs twice its instances. */
const fleets = 2;

/** What the endpoint needs: of its instance type, and of all endpoints together. Both are 0 and 4 in a new account. */
export function endpointNeeds({
  servingInstanceType,
  servingMinInstances,
  servingMaxInstances,
}: CapacitySettings): QuotaNeed[] {
  const need = { min: fleets * servingMinInstances, wanted: fleets * servingMaxInstances };
  return [
    {
      ...need,
      quota: `${servingInstanceType} for endpoint usage`,
      why: `an update runs the old and the new fleet side by side: ${need.min} instances, ${need.wanted} under full load`,
    },
    {
      ...need,
      quota: "Number of instances across active endpoints",
      why: `this endpoint alone takes ${need.min} instances in an update, ${need.wanted} under full load`,
    },
  ];
}

/**
 * What training and its jobs need, one job of a kind at a time; evaluation is a processing job on the training instance
 * type.
 */
export function jobNeeds({
  trainingInstanceType,
  processingInstanceType,
  trainingSpot,
}: CapacitySettings): QuotaNeed[] {
  const one = { min: 1, wanted: 1 };
  return [
    {
      ...one,
      quota: `${trainingInstanceType} for ${trainingSpot ? "spot training" : "training"} job usage`,
      why: "the pipeline trains on one",
    },
    ...[...new Set([processingInstanceType, trainingInstanceType])].map((type) => ({
      ...one,
      quota: `${type} for processing job usage`,
      why:
        type === trainingInstanceType ? "the pipeline evaluates on one" : "the pipeline profiles and prepares on one",
    })),
  ];
}

/** Compares needs with what the account has. @param essential whether too little is a failure or only a warning. */
export function judgeQuotas(
  needs: readonly QuotaNeed[],
  quotas: ReadonlyMap<string, Quota>,
  { region, profile }: { readonly region: string; readonly profile?: string },
  essential: boolean,
): CheckResult {
  const found = needs.map(({ quota, min, wanted, why }): CheckResult => {
    const known = quotas.get(quota);
    if (!known)
      return warning(
        `Service Quotas knows no "${quota}"`,
        "Look whether the instance type is offered in this Region, and ask in the console of Service Quotas.",
      );
    if (known.value >= wanted) return ok(`${quota}: ${known.value}`);
    const account = profile ? ` --profile ${profile}` : "";
    const cure = `Ask for more (AWS answers after minutes to days): aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code ${known.code} --desired-value ${wanted} --region ${region}${account}`;
    return (known.value < min && essential ? failed : warning)(`"${quota}" is ${known.value}: ${why}`, cure);
  });
  return combined(found, found.map(({ text }) => text).join(", "));
}
