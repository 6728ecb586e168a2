import { environmentPath, namePrefix, project } from "../../../contract/names";
import { requestQueue } from "../../../contract/release-request";
import type { Scope } from "../../scope";
import { deny, type Statement } from "../document";

/**
 * Keeps a role of one environment out of the others: by their names, and by the tag where names are chosen by a
 * service.
 */
export function stayInEnvironment({
  arns,
  environment,
  imageAccount,
  imageRepository,
  otherEnvironments,
}: Scope): Statement[] {
  const others = otherEnvironments.flatMap((name) => [
    arns.sagemaker(`*/${namePrefix(name)}-*`),
    arns.bucket(`${namePrefix(name)}-*`),
    arns.lambda(`${namePrefix(name)}-*`),
    arns.topic(`${namePrefix(name)}-*`),
    arns.queue(`${namePrefix(name)}-*`),
    arns.parameter(`${environmentPath(name)}*`),
    arns.role(environmentPath(name), "*"),
  ]);
  return [
    deny(
      "StayOutByName",
      [
        // Services whose things carry the environment in their names; roles are neither handed over nor taken.
        "iam:PassRole",
        "lambda:*",
        "s3:*",
        "sagemaker:*",
        "sns:*",
        "sqs:*",
        "ssm:*",
        "sts:AssumeRole",
      ],
      others,
    ),
    // StringEquals, not StringNotEquals: a thing being created has no tags yet and must not be caught. Three things for
    // this environment carry the tag of another: the queue of requests that of the registry's, the queue that shows its
    // log that of the witness's, and the image's repository that of whose stack makes it.
    {
      Sid: "StayOutByTag",
      Effect: "Deny",
      Action: ["*"],
      NotResource: [arns.queue(requestQueue(`*${environment}`)), arns.repository(imageRepository, imageAccount)],
      Condition: {
        StringEquals: { "aws:ResourceTag/project": project, "aws:ResourceTag/environment": otherEnvironments },
      },
    },
  ];
}

/**
 * Tags decide about access, so nobody changes whose a thing is: what is there keeps its tags `project` and
 * `environment`, and what is made is not made as another environment's. (Tags of a create are AddTags with
 * sagemaker:TaggingAction.)
 */
export function keepTags({ otherEnvironments }: Scope): Statement[] {
  const keys = { "ForAnyValue:StringEquals": { "aws:TagKeys": ["project", "environment"] } };
  return [
    deny("KeepTags", ["sagemaker:AddTags"], ["*"], { ...keys, Null: { "sagemaker:TaggingAction": "true" } }),
    deny("KeepTagsThere", ["sagemaker:DeleteTags"], ["*"], keys),
    deny("TagAsOwn", ["sagemaker:AddTags"], ["*"], {
      StringEquals: { "aws:RequestTag/environment": otherEnvironments },
    }),
  ];
}
