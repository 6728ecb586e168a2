/**
 * The policy by which a queue takes what a topic sends (SNS developer guide, "Subscribing an Amazon SQS queue to an
 * Amazon SNS topic").
 */
export function takesFrom(topicArn: string, queueArn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queueArn,
        Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
      },
    ],
  });
}
