import { randomBytes } from "node:crypto";
import { bytes } from "../../../objects";
import { conditionArguments } from "../definition";
import { holds, resolve } from "../values";
import { type Outcome, attempt } from "./attempt";
import { runCallback } from "./callbacks";
import { JOB_KINDS, USER_AGENT, awaitJob, describeJob } from "./jobs";
import type { Execution } from "./state";
import type { StepContext } from "./step-context";

/** Runs one attempt of a step. */
export async function runStep(context: StepContext): Promise<Outcome> {
  switch (context.step.Type) {
    case "Processing":
    case "Training":
      return runJob(context, context.step.Type);
    case "Model":
      return createModel(context);
    case "RegisterModel":
      return registerModel(context);
    case "Lambda":
      return invokeLambda(context);
    case "Callback":
      return runCallback(context);
    case "Condition": {
      const conditions = conditionArguments(context.step).Conditions;
      const held = (await Promise.all(conditions.map((condition) => holds(condition, context.scope)))).every(Boolean);
      return { status: "Succeeded", outcome: held, metadata: { Condition: { Outcome: held ? "True" : "False" } } };
    }
    case "Fail": {
      const message = String(context.resolved["ErrorMessage"]);
      return { status: "Failed", reason: message, metadata: { Fail: { ErrorMessage: message } } };
    }
  }
}

/**
 * `pipelines-<execution>-<step>-<random>`, at most 63 characters, as SageMaker names what a pipeline makes; where the
 * step's arguments name the job, that is the beginning of its name ("Pipelines step permissions", SageMaker developer
 * guide). What follows it is believed.
 */
function generatedName(execution: Execution, step: string, prefix?: string): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const random = [...randomBytes(10)].map((byte) => alphabet[byte % alphabet.length]).join("");
  if (prefix !== undefined) return `${prefix}-${execution.id}-${random}`;
  const room = 63 - `pipelines-${execution.id}--${random}`.length;
  const middle = step
    .replace(/_/g, "-")
    .slice(0, room)
    .replace(/^-+|-+$/g, "");
  return `pipelines-${execution.id}-${middle}-${random}`;
}

/** The pipeline's own tags, which its jobs inherit, and the two that say where a job came from. */
function tags(context: StepContext): { Key: string; Value: string }[] {
  const own = ((context.resolved["Tags"] as { Key: string; Value: string }[] | undefined) ?? []).map(
    ({ Key, Value }) => [Key, Value] as const,
  );
  const merged = new Map<string, string>([
    ...Object.entries(context.execution.tags),
    ...own,
    ["sagemaker:pipeline-arn", context.execution.pipelineArn],
    ["sagemaker:pipeline-execution-arn", context.execution.arn],
  ]);
  return [...merged].map(([Key, Value]) => ({ Key, Value }));
}

async function runJob(context: StepContext, type: "Processing" | "Training"): Promise<Outcome> {
  const { cloud, principal, signal } = context;
  const job = JOB_KINDS[type];
  const prefix = context.resolved[job.name] as string | undefined;
  const name = context.run.jobName ?? generatedName(context.execution, context.step.Name, prefix);
  const taken = context.run.jobName === undefined ? undefined : await describeJob(cloud, principal, job, name);
  context.note({ jobName: name });
  if (!taken) {
    const created = await attempt(job.create, () =>
      cloud.as(
        principal,
        "sagemaker",
        job.create,
        { ...context.resolved, [job.name]: name, Tags: tags(context) },
        USER_AGENT,
      ),
    );
    if ("status" in created) return created;
    context.note({ metadata: { [job.metadata]: { Arn: created.output[job.arn] } } });
  }
  const ended = await awaitJob(cloud, principal, job, name, signal);
  if (!ended)
    return {
      status: "Failed",
      reason: `ClientError: Could not find requested job with name: ${name}`,
      exception: "SageMaker.JOB_INTERNAL_ERROR",
    };
  const metadata = { [job.metadata]: { Arn: ended[job.arn] } };
  if (ended[job.status] === "Completed") return { status: "Succeeded", metadata, response: ended };
  if (ended[job.status] === "Stopped") return { status: "Stopped", metadata };
  const reason = String(ended["FailureReason"] ?? ended["ExitMessage"] ?? "The job failed.");
  return {
    status: "Failed",
    reason: /^\w+Error:/.test(reason) ? reason : `ClientError: ${reason}`,
    exception: jobException(reason),
    metadata,
  };
}

function jobException(reason: string): string | undefined {
  if (/InternalServerError|InternalFailure/i.test(reason)) return "SageMaker.JOB_INTERNAL_ERROR";
  if (/CapacityError|InsufficientCapacity/i.test(reason)) return "SageMaker.CAPACITY_ERROR";
  return /ResourceLimitExceeded/i.test(reason) ? "SageMaker.RESOURCE_LIMIT" : undefined;
}

async function createModel(context: StepContext): Promise<Outcome> {
  const { cloud, principal } = context;
  const name = context.run.jobName ?? generatedName(context.execution, context.step.Name);
  context.note({ jobName: name });
  const created = await attempt("CreateModel", () =>
    cloud.as(
      principal,
      "sagemaker",
      "CreateModel",
      { ...context.resolved, ModelName: name, Tags: tags(context) },
      USER_AGENT,
    ),
  );
  if ("status" in created) return created;
  const response = await cloud.as(principal, "sagemaker", "DescribeModel", { ModelName: name }, USER_AGENT);
  return { status: "Succeeded", metadata: { Model: { Arn: response["ModelArn"] } }, response };
}

async function registerModel(context: StepContext): Promise<Outcome> {
  const { cloud, principal, execution, step } = context;
  const request = {
    MetadataProperties: { GeneratedBy: execution.arn },
    ...context.resolved,
    // A run that is taken up again after a restart must not register the model a second time.
    ClientToken: `${execution.id}-${step.Name}`.slice(0, 36),
  };
  const created = await attempt("CreateModelPackage", () =>
    cloud.as(principal, "sagemaker", "CreateModelPackage", request, USER_AGENT),
  );
  if ("status" in created) return created;
  const arn = created.output["ModelPackageArn"] as string;
  const response = await cloud.as(
    principal,
    "sagemaker",
    "DescribeModelPackage",
    { ModelPackageName: arn },
    USER_AGENT,
  );
  return { status: "Succeeded", metadata: { RegisterModel: { Arn: arn } }, response };
}

async function invokeLambda(context: StepContext): Promise<Outcome> {
  const { cloud, principal, step } = context;
  const arn = String(await resolve(step.FunctionArn, context.scope));
  const request = { FunctionName: arn, Payload: Buffer.from(JSON.stringify(context.resolved)) };
  const invoked = await attempt("lambda:InvokeFunction", () =>
    cloud.as(principal, "lambda", "Invoke", request, USER_AGENT),
  );
  if ("status" in invoked) return { ...invoked, metadata: { Lambda: { Arn: arn } } };
  const text = bytes(invoked.output["Payload"]).toString("utf8");
  if (invoked.output["FunctionError"])
    return {
      status: "Failed",
      reason: `ClientError: Lambda function ${arn} failed: ${text}`,
      metadata: { Lambda: { Arn: arn } },
    };
  const answer = parsed(text);
  const wanted = step.OutputParameters ?? [];
  const missing = wanted
    .filter(({ OutputName }) => answer[OutputName] === undefined)
    .map(({ OutputName }) => OutputName);
  if (missing.length > 0)
    return {
      status: "Failed",
      reason: `ClientError: The answer of Lambda function ${arn} lacks output parameter(s) ${missing.join(", ")}.`,
      metadata: { Lambda: { Arn: arn } },
    };
  const outputs = wanted.map(({ OutputName }) => ({ Name: OutputName, Value: textOf(answer[OutputName]) }));
  return {
    status: "Succeeded",
    metadata: { Lambda: { Arn: arn, OutputParameters: outputs } },
    response: {
      OutputParameters: Object.fromEntries(wanted.map(({ OutputName }) => [OutputName, answer[OutputName]])),
    },
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
