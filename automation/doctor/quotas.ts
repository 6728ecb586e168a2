import { type Quota, quotasOf } from "../../aws/service-quotas";
import type { AwsSession } from "../../aws/session";
import { failed, type Found, ok, together, warning } from "./checks";
import type { DoctorSettings } from "./settings";

/** What the settings ask of one quota. */
export interface QuotaNeed {
  /** As Service Quotas calls it: one per instance type and use (AWS General Reference, "Amazon SageMaker AI endpoints and quotas"). */
  readonly quota: string;
  /** Below this it does not work. */
  readonly least: number;
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
}: DoctorSettings): QuotaNeed[] {
  const need = { least: fleets * servingMinInstances, wanted: fleets * servingMaxInstances };
  return [
    {
      ...need,
      quota: `${servingInstanceType} for endpoint usage`,
      why: `an update runs the old and the new fleet side by side: ${need.least} instances, ${need.wanted} under full load`,
    },
    {
      ...need,
      quota: "Number of instances across active endpoints",
      why: `this endpoint alone takes ${need.least} instances in an update, ${need.wanted} under full load`,
    },
  ];
}

/** What training and its jobs need, one job of a kind at a time; evaluation is a processing job on the training instance type. */
export function jobNeeds({ trainingInstanceType, processingInstanceType, trainingSpot }: DoctorSettings): QuotaNeed[] {
  const one = { least: 1, wanted: 1 };
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
  { region, profile }: AwsSession,
  essential: boolean,
): Found {
  const found = needs.map(({ quota, least, wanted, why }): Found => {
    const known = quotas.get(quota);
    if (!known)
      return warning(
        `Service Quotas knows no "${quota}"`,
        "Look whether the instance type is offered in this Region, and ask in the console of Service Quotas.",
      );
    if (known.value >= wanted) return ok(`${quota}: ${known.value}`);
    const account = profile ? ` --profile ${profile}` : "";
    const cure = `Ask for more (AWS answers after minutes to days): aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code ${known.code} --desired-value ${wanted} --region ${region}${account}`;
    return (known.value < least && essential ? failed : warning)(`"${quota}" is ${known.value}: ${why}`, cure);
  });
  return together(found, found.map(({ text }) => text).join(", "));
}

/** Asks Service Quotas for the needs of one kind. */
export async function quotaLook(session: AwsSession, needs: readonly QuotaNeed[], essential: boolean): Promise<Found> {
  return judgeQuotas(
    needs,
    await quotasOf(
      session,
      "sagemaker",
      needs.map(({ quota }) => quota),
    ),
    session,
    essential,
  );
}
