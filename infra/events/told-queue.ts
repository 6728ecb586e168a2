import type { Statement } from "../identity/document";

/** The policy of a queue that a rule of EventBridge fills, and nothing and nobody else. @param sid of what the rule may. */
export function onlyFrom(rule: string, queue: string, sid: string): Statement[] {
  const common = { Action: ["sqs:SendMessage"], Resource: [queue] };
  return [
    {
      Sid: sid,
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      ...common,
      Condition: { ArnEquals: { "aws:SourceArn": rule } },
    },
    // Only services that act for a resource have the key; where it is absent, it is not equal.
    {
      Sid: "NothingElse",
      Effect: "Deny",
      Principal: { AWS: "*" },
      ...common,
      Condition: { ArnNotEquals: { "aws:SourceArn": rule } },
    },
  ];
}
