import type { Call } from "../call";
import type { Service } from "../service";
import { passRole } from "../iam/permissions/requirements";
import { failure } from "./failures";
import type { Session } from "./session";
import type { Properties } from "./values";

/**
 * Resources that are kept as records and hand a role to a service: the input with the role, the service, and the
 * operation that takes it.
 */
const handed: Readonly<
  Record<string, { readonly input: string; readonly to: string; readonly service: string; readonly operation: string }>
> = {
  "aws:ec2/flowLog:FlowLog": {
    input: "iamRoleArn",
    to: "vpc-flow-logs.amazonaws.com",
    service: "ec2",
    operation: "CreateFlowLogs",
  },
  "aws:budgets/budgetAction:BudgetAction": {
    input: "executionRoleArn",
    to: "budgets.amazonaws.com",
    service: "budgets",
    operation: "CreateBudgetAction",
  },
};

/**
 * A record asks AWS nothing and is authorised by nobody, but for this: a role is handed to a service only by who may
 * pass it.
 * @throws ProviderFailure with AWS's refusal.
 */
export function checkPassedRole(session: Session, token: string, inputs: Properties): void {
  const known = handed[token];
  const role = known && inputs[known.input];
  if (!known || typeof role !== "string") return;
  const { cloud, principal } = session;
  const service: Service = {
    id: known.service,
    operations: {},
    permissions: { [known.operation]: () => passRole(role, known.to) },
  };
  const call: Call = {
    service: known.service,
    operation: known.operation,
    caller: { principal, sourceIp: "127.0.0.1", userAgent: "pulumi" },
    principal,
    requestId: "",
    now: cloud.clock.now(),
  };
  try {
    cloud.authoriser.authorise(service, {}, call);
  } catch (error) {
    throw failure("creating", token, "", session.model(known.service), known.operation, error);
  }
}
