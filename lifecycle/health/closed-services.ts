import { type CheckResult, ok, warning } from "./finding";

/**
 * Day from which these services take no new customers; an account that used them before goes on (AWS, notes of each
 * service's guide).
 */
const closedOn = "2026-07-30";

/** Resource types of services that are closed to new customers. */
const closed: Readonly<Record<string, string>> = {
  "aws:sagemaker/monitoringSchedule:MonitoringSchedule": "Model Monitor",
  "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": "Model Monitor",
  "aws:sagemaker/flowDefinition:FlowDefinition": "Augmented AI",
  "aws:sagemaker/humanTaskUI:HumanTaskUI": "Augmented AI",
  "aws:sagemaker/labelingJob:LabelingJob": "Ground Truth",
};

/**
 * Which closed services the stack has, and what a new account can have instead. What is in the state was accepted by
 * AWS, so its account is a customer.
 * @param types of the stack's resources.
 * @param settings the stack's settings, by name.
 */
export function judgeClosedServices(
  types: readonly string[],
  settings: Readonly<Record<string, unknown>>,
  stack: string,
): CheckResult {
  const used = [...new Set(types.flatMap((type) => closed[type] ?? []))];
  if (used.length > 0)
    return ok(
      `the stack has ${used.join(" and ")}, closed to new customers since ${closedOn}: this account is a customer`,
    );
  if (settings["monitoringMode"] !== "managed")
    return ok(
      `none; Model Monitor, Clarify, Debugger, Ground Truth and Augmented AI take no new customers since ${closedOn}`,
    );
  return warning(
    `the settings ask for Model Monitor, which takes no new customers since ${closedOn}; whether this account was one before shows only when it is deployed`,
    `When AWS refuses it, let our own schedule run the same analyzer: pulumi config set peregrine:monitoringMode self-hosted --stack ${stack}`,
  );
}
