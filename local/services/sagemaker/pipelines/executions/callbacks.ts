import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Cloud } from "../../../../cloud";
import type { Members } from "../../../../members";
import { AwsError } from "../../../../errors";
import type { Principal } from "../../../../iam/principal";
import type { Table } from "../../../../journal";
import type { Step } from "../definition";
import { resolve } from "../values";
import { attempt, type Outcome } from "./attempt";
import { USER_AGENT } from "./jobs";
import { executionTables, stepKey, type StepRun } from "./state";
import type { StepContext } from "./step-context";

/** What whoever holds a token says of the step. */
export type CallbackAnswer =
  | { readonly status: "Succeeded"; readonly outputs: readonly { readonly Name: string; readonly Value: string }[] }
  | { readonly status: "Failed"; readonly reason?: string };

/** A token that a Callback step gave out; in the journal, so that a step goes on waiting after a restart. */
export interface Callback {
  readonly token: string;
  readonly executionArn: string;
  readonly step: string;
  readonly queueUrl: string;
  readonly arguments: Members;
  /** Whether the message with the token has left. */
  readonly sent: boolean;
  readonly answer?: CallbackAnswer;
}

const wakers = new WeakMap<Cloud, Map<string, () => void>>();

export function callbackTable(cloud: Cloud): Table<Callback> {
  return cloud.journal.table<Callback>("sagemaker/pipeline-callbacks");
}

/** The token that a step waits for; undefined when it waits for none. */
export function callbackOf(cloud: Cloud, run: StepRun): Callback | undefined {
  const { CallbackToken: token } = (run.metadata?.["Callback"] ?? {}) as { CallbackToken?: string };
  return token === undefined ? undefined : callbackTable(cloud).get(token);
}

/**
 * Sends a token and the step's arguments to the step's queue and waits until somebody ends the step by it ("Callback
 * step", SageMaker developer guide). SageMaker sets no time limit, so neither is there one here.
 */
export async function runCallback(context: StepContext): Promise<Outcome> {
  const { cloud, execution, principal, run, signal } = context;
  const table = callbackTable(cloud);
  const callback = callbackOf(cloud, run) ?? (await open(context));
  const metadata = { Callback: { CallbackToken: callback.token, SqsQueueUrl: callback.queueUrl } };
  table.put(callback.token, callback);
  context.note({ metadata });
  if (!callback.sent) {
    // Asked to stop before anybody was told: nobody has to be.
    if (executionTables(cloud).executions.get(execution.arn)?.status === "Stopping")
      return { status: "Stopped", metadata };
    const sent = await attempt("sqs:SendMessage", () => sendCallback(cloud, principal, callback, "Executing"));
    if ("status" in sent) return { ...sent, metadata };
    table.put(callback.token, { ...table.get(callback.token)!, sent: true });
  }
  return ended(context.step, await answerOf(cloud, callback.token, signal), metadata.Callback);
}

/** The message that a queue gets. @param status `Stopping` when the execution was asked to stop. */
export function sendCallback(
  cloud: Cloud,
  principal: Principal,
  callback: Callback,
  status: "Executing" | "Stopping",
): Promise<Members> {
  const body = {
    token: callback.token,
    pipelineExecutionArn: callback.executionArn,
    arguments: callback.arguments,
    status,
  };
  return cloud.as(
    principal,
    "sqs",
    "SendMessage",
    { QueueUrl: callback.queueUrl, MessageBody: JSON.stringify(body) },
    USER_AGENT,
  );
}

/**
 * Ends the step that waits for a token. The same answer again is the same request.
 * @returns the execution's ARN.
 * @throws ResourceNotFound for a token that was never given out, ConflictException for one whose step has ended
 * otherwise.
 */
export function answerCallback(cloud: Cloud, token: string, answer: CallbackAnswer): string {
  const table = callbackTable(cloud);
  const callback = table.get(token);
  if (!callback) throw new AwsError("ResourceNotFound", `Callback token '${token}' does not exist.`);
  if (callback.answer && isDeepStrictEqual(callback.answer, answer)) return callback.executionArn;
  const run = executionTables(cloud).steps.get(stepKey(callback.executionArn, callback.step));
  if (callback.answer || run?.endMs !== undefined || !run || callbackOf(cloud, run)?.token !== token)
    throw new AwsError("ConflictException", `The step of callback token '${token}' is not waiting for it any more.`);
  table.put(token, { ...callback, answer });
  wakers.get(cloud)?.get(token)?.();
  return callback.executionArn;
}

async function open({ cloud, execution, step, resolved, scope }: StepContext): Promise<Callback> {
  const queueUrl = String(await resolve(step.SqsQueueUrl, scope));
  return {
    token: newToken(cloud),
    executionArn: execution.arn,
    step: step.Name,
    queueUrl,
    arguments: resolved,
    sent: false,
  };
}

/** Ten letters and digits (SageMaker API, `CallbackToken`). */
function newToken(cloud: Cloud): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const token = [...randomBytes(10)].map((byte) => alphabet[byte % alphabet.length]).join("");
  return callbackTable(cloud).has(token) ? newToken(cloud) : token;
}

/** @throws the signal's reason when the local cloud stops. */
async function answerOf(cloud: Cloud, token: string, signal: AbortSignal): Promise<CallbackAnswer> {
  const waiting = wakers.get(cloud) ?? new Map<string, () => void>();
  wakers.set(cloud, waiting);
  try {
    for (;;) {
      const answer = callbackTable(cloud).get(token)?.answer;
      if (answer) return answer;
      signal.throwIfAborted();
      await new Promise<void>((wake) => {
        waiting.set(token, wake);
        signal.addEventListener("abort", () => wake(), { once: true });
      });
    }
  } finally {
    waiting.delete(token);
  }
}

function ended(step: Step, answer: CallbackAnswer, shown: Record<string, unknown>): Outcome {
  if (answer.status === "Failed")
    return {
      status: "Failed",
      reason: answer.reason ?? "The callback step was failed without a reason.",
      metadata: { Callback: shown },
    };
  const metadata = { Callback: { ...shown, OutputParameters: answer.outputs } };
  const given = new Map(answer.outputs.map(({ Name, Value }) => [Name, Value]));
  const wanted = step.OutputParameters ?? [];
  const missing = wanted.filter(({ OutputName }) => !given.has(OutputName)).map(({ OutputName }) => OutputName);
  if (missing.length > 0)
    return {
      status: "Failed",
      reason: `ClientError: The callback step was ended without output parameter(s) ${missing.join(", ")}.`,
      metadata,
    };
  return {
    status: "Succeeded",
    metadata,
    response: {
      OutputParameters: Object.fromEntries(
        wanted.map(({ OutputName, OutputType }) => [OutputName, typed(given.get(OutputName)!, OutputType)]),
      ),
    },
  };
}

function typed(text: string, type: string): string | number | boolean {
  return type === "Integer" || type === "Float" ? Number(text) : type === "Boolean" ? /^true$/i.test(text) : text;
}
