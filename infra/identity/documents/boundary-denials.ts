import type { Scope } from "../../scope";
import { deny, type Statement } from "../document";
import { bucketSettings } from "../writers";

export const noIdentities = deny(
  "NoIdentities",
  [
    // Every verb of IAM that changes something; PassRole has a rule of its own.
    "iam:Add*",
    "iam:Attach*",
    "iam:Create*",
    "iam:Delete*",
    "iam:Detach*",
    "iam:Put*",
    "iam:Remove*",
    "iam:Set*",
    "iam:Tag*",
    "iam:Untag*",
    "iam:Update*",
  ],
  ["*"],
);

/**
 * Nobody becomes somebody else: roles of ours are taken by people from outside and by services, never by one another.
 */
export const noOtherRoles = deny(
  "NoOtherRoles",
  [
    // Credentials of another identity, from whatever one proves oneself by.
    "sts:AssumeRole*",
    "sts:GetFederationToken",
  ],
  ["*"],
);

export const noKeyAdministration = deny(
  "NoKeyAdministration",
  [
    // Ends a key, or says who may use it.
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
  ],
  ["*"],
);

export const noTrailTampering = deny(
  "NoTrailTampering",
  [
    // Every verb of CloudTrail that changes something.
    "cloudtrail:Delete*",
    "cloudtrail:Put*",
    "cloudtrail:Stop*",
    "cloudtrail:Update*",
  ],
  ["*"],
);

/** Who may come near a bucket, what it locks and how long it keeps is the administrator's. */
export const noBuckets = deny("NoBuckets", ["s3:CreateBucket", ...bucketSettings], ["*"]);

// IAM and the global STS endpoint have no region of their own.
export const stayInRegion = (scope: Scope): Statement =>
  deny(
    "StayInRegion",
    [
      // Services with an endpoint in each region.
      "ecr:*",
      "events:*",
      "lambda:*",
      "sagemaker:*",
      "sns:*",
      "sqs:*",
      "ssm:*",
    ],
    ["*"],
    {
      StringNotEquals: { "aws:RequestedRegion": scope.settings.region },
    },
  );
