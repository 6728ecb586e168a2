import { z } from "zod";
import { type AccountsSettings, accountsOf } from "./accounts";
import { type AlertRoute, alertRoutesOf, alertsDemands, escalationOf, type EscalationSettings } from "./alerts";
import { type AllValues, declared } from "./areas";
import { auditDemands, auditOf, type AuditSettings } from "./audit";
import { awsSettings } from "./aws";
import { businessDemands, kpisOf } from "./business";
import { ciDemands, deployerOf, type DeployerSettings } from "./ci";
import { costDemands, costOf, type CostSettings } from "./cost";
import { dataDemands, datasetOf, type DatasetSettings } from "./data";
import { deliveryDemands, deliveryOf, type DeliverySettings } from "./delivery";
import { documentsOf, type DocumentSettings } from "./documents";
import { experimentsOf, type ExperimentSettings } from "./experiments";
import { frontDoorDemands, frontDoorOf, type FrontDoorSettings } from "./front-door";
import type { KpiDefinition } from "../../contract/kpi";
import { type EnvironmentName, environments } from "../../contract/environments";
import { monitoringDemands, monitoringOf, type MonitoringSettings } from "./monitoring";
import { networkDemands, networkOf, type NetworkSettings } from "./network";
import { peopleDemands, peopleOf, type PeopleSettings } from "./people";
import { type Demand, type Problem, problemsOf } from "./problems";
import { remediationOf, type RemediationSettings } from "./remediation";
import { reportsOf, type ReportSettings } from "./report";
import { retrainingOf, type RetrainingSettings } from "./retraining";
import { servingDemands, servingOf, type ServingSettings } from "./serving";
import { studioOf, type StudioSettings } from "./studio";
import { trackingDemands, trackingOf, type TrackingSettings } from "./tracking";
import { trainingDemands, trainingOf, type TrainingSettings } from "./training";

/** An environment's settings, checked. What each means is declared in this folder, by area. */
export interface Settings {
  readonly environment: EnvironmentName;
  readonly region: string;
  /** AWS profile; undefined lets the SDK's default chain decide (CodeBuild, CI). */
  readonly profile: string | undefined;
  readonly allowedAccountIds: readonly string[];
  readonly owner: string;
  readonly costCenter: string;
  readonly dataset: DatasetSettings;
  readonly image: { readonly tag: string; readonly ownsRepository: boolean; readonly builds: boolean };
  readonly retention: {
    readonly captureDays: number;
    readonly runDays: number;
    readonly logDays: number;
    readonly keyDeletionDays: number;
    readonly eventDays: number;
  };
  readonly deleteWithContents: boolean;
  readonly training: TrainingSettings;
  readonly serving: ServingSettings;
  /** Undefined where clients ask the endpoint itself. */
  readonly frontDoor: FrontDoorSettings | undefined;
  /** Whether an alarm of the endpoint asks for the release before. */
  readonly rollBackByAlarm: boolean;
  readonly delivery: DeliverySettings;
  readonly documents: DocumentSettings;
  readonly experiments: ExperimentSettings;
  /** Under which licence the served models are used; undefined where nobody decided yet. */
  readonly modelLicence: string | undefined;
  readonly accounts: AccountsSettings;
  readonly network: NetworkSettings;
  readonly audit: AuditSettings;
  readonly cost: CostSettings;
  /** ARNs of those who alone may delete or disable keys; none leaves it to the account's IAM policies. */
  readonly keyAdministrators: readonly string[];
  readonly people: PeopleSettings;
  readonly studio: StudioSettings;
  readonly tracking: TrackingSettings;
  readonly monitoring: MonitoringSettings;
  /** The catalogue of business metrics. */
  readonly kpis: readonly KpiDefinition[];
  readonly retraining: RetrainingSettings;
  readonly alertRoutes: readonly AlertRoute[];
  readonly escalation: EscalationSettings;
  readonly report: ReportSettings;
  readonly remediation: RemediationSettings;
  readonly deployer: DeployerSettings;
}

const demands: readonly Demand<AllValues>[] = [
  ...dataDemands,
  ...networkDemands,
  ...auditDemands,
  ...costDemands,
  ...trainingDemands,
  ...servingDemands,
  ...frontDoorDemands,
  ...deliveryDemands,
  ...peopleDemands,
  ...trackingDemands,
  ...monitoringDemands,
  ...businessDemands,
  ...alertsDemands,
  ...ciDemands,
];

const each = z.object({
  stack: z.enum(environments, {
    error: ({ input }) => `is called ${String(input)}; it must be one of ${environments.join(", ")}`,
  }),
  aws: z.object(awsSettings),
  peregrine: z.strictObject(declared),
});
type Each = z.output<typeof each>;

const schema = demands.reduce(
  (all, { of, clashes }) =>
    all.superRefine(
      ({ stack, peregrine }, context) => {
        for (const { name, index, reason } of clashes(peregrine, stack))
          context.addIssue({
            code: "custom",
            message: reason,
            path: ["peregrine", name, ...(index === undefined ? [] : [index])],
            continue: true,
          });
      },
      {
        when: ({ issues }) =>
          !issues.some(({ path }) => path?.length === 2 && (of as readonly unknown[]).includes(path[1])),
      },
    ),
  each,
);

/**
 * Settings from a stack's configuration, or every problem in it. Pure.
 * @param config `namespace:key` to the text that the engine hands over, or to what the stack's file says.
 */
export function validate(
  stack: string,
  config: Readonly<Record<string, unknown>>,
): { settings?: Settings; problems: readonly Problem[] } {
  const parsed = schema.safeParse({
    stack,
    aws: under("aws", config),
    peregrine: under("peregrine", config),
  });
  return parsed.success
    ? { settings: settingsOf(parsed.data), problems: [] }
    : { problems: inOrder(parsed.error.issues.flatMap(problemsOf)) };
}

/** Where the settings are declared, so that what is wrong with one stands together. */
const order = [
  "stack",
  ...Object.keys(awsSettings).map(named("aws")),
  ...Object.keys(declared).map(named("peregrine")),
];

function inOrder(problems: readonly Problem[]): Problem[] {
  const place = ({ propertyPath }: Problem): number => {
    const index = order.indexOf(propertyPath.replace(/\[\d+\]$/, ""));
    return index < 0 ? order.length : index;
  };
  return [...problems].sort((one, other) => place(one) - place(other));
}

function named(namespace: string): (name: string) => string {
  return (name) => `${namespace}:${name}`;
}

/** The settings of a namespace, without it. */
function under(namespace: string, config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const prefix = `${namespace}:`;
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    ),
  );
}

function settingsOf({ stack, aws, peregrine: values }: Each): Settings {
  const people = peopleOf(values);
  return {
    environment: stack,
    ...aws,
    allowedAccountIds: values.allowedAccountIds,
    owner: values.owner,
    costCenter: values.costCenter,
    dataset: datasetOf(values),
    image: { tag: values.imageTag, ownsRepository: values.ownsImageRepository, builds: values.imageBuilds },
    retention: {
      captureDays: values.captureRetentionDays,
      runDays: values.runRetentionDays,
      logDays: values.logRetentionDays,
      keyDeletionDays: values.keyDeletionDays,
      eventDays: values.eventRetentionDays,
    },
    deleteWithContents: values.deleteWithContents,
    training: trainingOf(values),
    serving: servingOf(values),
    frontDoor: frontDoorOf(values),
    rollBackByAlarm: values.rollBackByAlarm,
    delivery: deliveryOf(values),
    documents: documentsOf(values),
    modelLicence: values.modelLicence,
    accounts: accountsOf(values),
    network: networkOf(values),
    audit: auditOf(values),
    cost: costOf(values),
    keyAdministrators: values.keyAdministrators,
    people,
    studio: studioOf(values, people.members),
    tracking: trackingOf(values),
    monitoring: monitoringOf(values),
    experiments: experimentsOf(values),
    kpis: kpisOf(values.kpis),
    retraining: retrainingOf(values),
    alertRoutes: alertRoutesOf(values.alertRoutes),
    escalation: escalationOf(values),
    report: reportsOf(values),
    remediation: remediationOf(values),
    deployer: deployerOf(values),
  };
}
