import { nistAi } from "../frameworks";
import { definitionOf } from "../pipeline";
import { defineRule } from "../rule";
import { types } from "../types";

interface Config {
  /** Closed services that this account was a customer of before, by the names below. */
  readonly existingCustomerOf: readonly string[];
}

interface Closed {
  readonly service: string;
  readonly since: string;
}

/**
 * Services closed to new customers, by type (AWS's "availability change" pages; the list of 2026-06-30 took effect on
 * 2026-07-30).
 */
const modelMonitor = { service: "model-monitor", since: "2026-07-30" };
const groundTruth = { service: "ground-truth", since: "2026-07-30" };
const a2i = { service: "a2i", since: "2026-07-30" };
const clarify = { service: "clarify", since: "2026-07-30" };
const closedTypes: Readonly<Record<string, Closed>> = {
  "aws:sagemaker/monitoringSchedule:MonitoringSchedule": modelMonitor,
  "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": modelMonitor,
  "aws:sagemaker/flowDefinition:FlowDefinition": a2i,
  "aws:sagemaker/humanTaskUI:HumanTaskUI": a2i,
  "aws:sagemaker/labelingJob:LabelingJob": groundTruth,
  "aws:sagemaker/workteam:Workteam": groundTruth,
  "aws:sagemaker/workforce:Workforce": groundTruth,
  "aws:cloudtrail/eventDataStore:EventDataStore": { service: "cloudtrail-lake", since: "2026-05-31" },
  "aws:auditmanager/assessment:Assessment": { service: "audit-manager", since: "2026-04-30" },
  "aws:auditmanager/framework:Framework": { service: "audit-manager", since: "2026-04-30" },
  "aws:ssmincidents/responsePlan:ResponsePlan": { service: "incident-manager", since: "2025-11-07" },
  "aws:ssmincidents/replicationSet:ReplicationSet": { service: "incident-manager", since: "2025-11-07" },
  "aws:qldb/ledger:Ledger": { service: "qldb", since: "2025-07-31" },
  "aws:codecommit/repository:Repository": { service: "codecommit", since: "2024-07-25" },
};
const closedSteps: Readonly<Record<string, Closed>> = { ClarifyCheck: clarify, QualityCheck: modelMonitor };

export const noClosedServices = defineRule<Config>({
  name: "no-closed-services",
  description: "Nothing is built on AWS services that are closed to new customers.",
  rationale: "A new account cannot create them: what was rehearsed would fail on the day it goes to AWS.",
  severity: "high",
  framework: nistAi("GOVERN 6.1", "Risks of third-party services are addressed"),
  remediationSteps:
    "Use the replacement that AWS names; or, where the account was a customer before, name the service in `existingCustomerOf`.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-availability-change.html",
  configSchema: { properties: { existingCustomerOf: { type: "array", items: { type: "string" } } } },
  defaults: { existingCustomerOf: [] },
  appliesTo: (type) =>
    type in closedTypes ||
    type === types.pipeline ||
    type === types.trainingJob ||
    type === types.endpointConfiguration,
  *check({ type, props }, { existingCustomerOf }) {
    for (const { what, service, since } of foundIn(type, props))
      if (!existingCustomerOf.includes(service))
        yield `${what} needs ${service}, which is closed to new customers since ${since}.`;
  },
});

function* foundIn(type: string, props: Record<string, unknown>): Iterable<Closed & { what: string }> {
  const closed = closedTypes[type];
  if (closed) yield { what: type.split(":").at(-1)!, ...closed };
  if (type === types.endpointConfiguration && props["explainerConfig"] !== undefined)
    yield { what: "explainerConfig", ...clarify };
  if (type === types.trainingJob && props["debugHookConfig"] !== undefined)
    yield { what: "debugHookConfig", service: "debugger", since: "2026-07-30" };
  if (type === types.pipeline)
    for (const step of definitionOf(props)?.steps ?? [])
      if (closedSteps[step.Type]) yield { what: `Step ${step.Name} (${step.Type})`, ...closedSteps[step.Type]! };
}
