import type { Members } from "../../members";
import { each, need, type Permissions } from "./requirements";

/** `http://host/111122223333/name` -> the queue's ARN. */
function queue(input: Members): string {
  return `arn:aws:sqs:::${String(input.QueueUrl).split("/").pop() ?? ""}`;
}

/** What SQS's operations require. Batches take the permission of the single operation. */
export const sqsPermissions: Permissions = {
  ...each(
    `SendMessage ReceiveMessage DeleteMessage ChangeMessageVisibility DeleteQueue PurgeQueue GetQueueAttributes SetQueueAttributes ListQueueTags TagQueue
     UntagQueue AddPermission RemovePermission ListDeadLetterSourceQueues`,
    (operation) => (input) => [need(`sqs:${operation}`, queue(input))],
  ),
  ...each("SendMessageBatch DeleteMessageBatch ChangeMessageVisibilityBatch", (operation) => (input) => [
    need(`sqs:${operation.replace(/Batch$/, "")}`, queue(input)),
  ]),
  CreateQueue: (input) => {
    const arn = `arn:aws:sqs:::${String(input.QueueName)}`;
    return [need("sqs:CreateQueue", arn), ...(input.tags ? [need("sqs:TagQueue", arn)] : [])];
  },
  GetQueueUrl: (input) => [need("sqs:GetQueueUrl", `arn:aws:sqs:::${String(input.QueueName)}`)],
  ...each("StartMessageMoveTask ListMessageMoveTasks", (operation) => (input) => [
    need(`sqs:${operation}`, String(input.SourceArn)),
  ]),
};
