import type { Call, Requirement } from "../../../call";
import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import type { Handler } from "../../../operation";
import { answerCallback, callbackTable } from "./executions/callbacks";

/** The two operations that end a Callback step. */
export function callbackOperations(cloud: Cloud): Record<string, Handler> {
  return {
    SendPipelineExecutionStepSuccess: (input) => ({
      PipelineExecutionArn: answerCallback(cloud, input["CallbackToken"], {
        status: "Succeeded",
        outputs: input["OutputParameters"] ?? [],
      }),
    }),
    SendPipelineExecutionStepFailure: (input) => ({
      PipelineExecutionArn: answerCallback(cloud, input["CallbackToken"], {
        status: "Failed",
        ...(input["FailureReason"] ? { reason: input["FailureReason"] as string } : {}),
      }),
    }),
  };
}

/**
 * They act on the execution that waits; a token that nobody waits for belongs to none (Service Authorization
 * Reference).
 */
export function callbackPermission(cloud: Cloud): (input: Members, call: Call) => Requirement[] {
  return (input, call) => [
    {
      action: `sagemaker:${call.operation}`,
      resource: callbackTable(cloud).get(input["CallbackToken"])?.executionArn ?? "*",
    },
  ];
}
