import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Six times the functions' time-out, so that a message is not handed out twice at a time (Lambda developer guide,
 * "Using Lambda with Amazon SQS").
 */
const visibilitySeconds = 180;
/**
 * Tries before a message is given up, a day of them: a project at its limit of builds refuses another (CodeBuild API,
 * `concurrentBuildLimit`), a release to production may take as long as CodeBuild's longest build (eight hours), and
 * several may wait. Messages stay for four days (SQS's default).
 */
export const maxReceives = (24 * 3600) / visibilitySeconds;

/** A queue of things that start release builds, and wait while another one runs. */
export function waitingQueue(
  logicalName: string,
  name: string,
  deadLetters: aws.sqs.Queue,
  options: pulumi.CustomResourceOptions,
): aws.sqs.Queue {
  return new aws.sqs.Queue(
    logicalName,
    {
      name,
      visibilityTimeoutSeconds: visibilitySeconds,
      sqsManagedSseEnabled: true,
      redrivePolicy: deadLetters.arn.apply((deadLetterTargetArn) =>
        JSON.stringify({ deadLetterTargetArn, maxReceiveCount: maxReceives }),
      ),
    },
    options,
  );
}
