import { labelsPrefix } from "../../../contract/monitoring";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { oneself } from "../documents/people";
import { writeLogs } from "../documents/functions";
import { define } from "./role-definition";

/** The function that takes labels: the only writer of what people say about answers. */
export const feedback = define({
  name: "feedback",
  kind: "service",
  description: "Takes what people say about answers, and keeps it as ground truth",
  trusted: { service: "lambda.amazonaws.com" },
  writes: ["labels"],
  handedByDeployers: true,
  expected: { spec: "test/infra/identity/roles/feedback.spec.ts" },
  duties: (scope) => ({ keep: keepLabels(scope) }),
});

function keepLabels(scope: Scope): Statement[] {
  const { arns, artifactsBucket, endpointName, keyAlias } = scope;
  return [
    allow("KeepLabels", ["s3:PutObject"], [arns.object(artifactsBucket, `${labelsPrefix(endpointName)}*`)]),
    // S3 encrypts an object with a data key that it has made in the writer's name; nothing here is read again.
    allow("EncryptLabels", ["kms:GenerateDataKey"], [arns.key("*")], {
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": keyAlias },
    }),
    writeLogs(scope, "feedback"),
  ];
}

/**
 * Says what is right and wrong in answers, under one's own name: the function reads it from the signature, which names
 * the session, so the session has to be called as its person is. A URL needs both rights (Lambda developer guide,
 * "Control access to Lambda function URLs"); the second holds for the URL alone, since whoever calls the function itself
 * writes the signature's part of the event.
 */
export function giveFeedback({ arns, names }: Scope): Statement[] {
  const functionArn = arns.lambda(names.of("function", "feedback"));
  const byOwnName = { StringLike: { "aws:userid": `*:${oneself}` } };
  return [
    allow("FindFeedback", ["lambda:GetFunctionUrlConfig"], [functionArn]),
    allow("GiveFeedback", ["lambda:InvokeFunctionUrl"], [functionArn], byOwnName),
    allow("GiveFeedbackByUrl", ["lambda:InvokeFunction"], [functionArn], {
      ...byOwnName,
      Bool: { "lambda:InvokedViaFunctionUrl": "true" },
    }),
  ];
}
