import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";

/** What functions of ours write their logs with. */
export function writeLogs({ arns, names }: Scope, ...handlers: readonly string[]): Statement {
  return allow(
    "WriteLogs",
    [
      // The groups are the program's; the functions make their streams.
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ],
    handlers.map((handler) => arns.logGroup(`/aws/lambda/${names.of("function", handler)}:*`)),
  );
}

/** What the role of a schedule calls its function with. */
export function callBySchedule(
  sid: string,
  { arns, names, deadLetterQueue }: Scope,
  handler: string,
): readonly Statement[] {
  return [
    allow(sid, ["lambda:InvokeFunction"], [arns.lambda(names.of("function", handler))]),
    // Scheduler writes dead letters as the schedule's role.
    allow("KeepDeadLetters", ["sqs:SendMessage"], [arns.queue(deadLetterQueue)]),
  ];
}
