import { logPrefix, peoplePrefix } from "../../../contract/places";
import { recorder, trailPrefix } from "../../../contract/trail";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { useKey } from "../documents/data";
import { lockLog } from "./lock-log";
import { writeLogs } from "../documents/functions";
import { define } from "./role-definition";
import { showLog } from "./witness-log";

/** The function that turns the trail's log files into entries of the log. */
export const recordChanges = define({
  name: recorder,
  kind: "service",
  description: "Adds an entry to the log for each call that changed something, from the trail's log files",
  trusted: { service: "lambda.amazonaws.com" },
  writes: ["ledger"],
  outlivesBudget: true,
  expected: { spec: "test/infra/identity/roles/record-changes.spec.ts" },
  exists: ({ settings }) => settings.audit.trail !== "organization",
  duties: (scope) => ({
    read: readTrailFiles(scope),
    keep: keepLog(scope),
    lock: lockLog([scope]),
    sign: signLog(scope),
    show: showLog([scope]),
    take: takeMessages(scope),
    key: useKey(scope),
  }),
});

/** Log files, and the key that opens them, through S3. */
function readTrailFiles({ arns, auditBucketPattern, auditKeyAlias, place: { accountId } }: Scope): Statement[] {
  return [
    allow("ReadTrailFiles", ["s3:GetObject"], [arns.object(auditBucketPattern, `${trailPrefix(accountId)}*`)]),
    allow(
      "OpenTrailFiles",
      [
        // Opens what the trail wrote, and encrypts what lies beside it of the log.
        "kms:Decrypt",
        "kms:GenerateDataKey",
      ],
      [arns.key("*")],
      { "ForAnyValue:StringEquals": { "kms:ResourceAliases": auditKeyAlias } },
    ),
  ];
}

/** The log, and who is behind its digests; of the ledger's other files none. */
function keepLog({ arns, artifactsBucket }: Scope): Statement[] {
  return [
    // Listing tells a missing object from a forbidden one, and finds partial files.
    allow("MissLog", ["s3:ListBucket"], [arns.bucket(artifactsBucket)]),
    allow(
      "KeepLog",
      [
        // Files are written where there is none; the checkpoint where nobody else wrote since.
        "s3:GetObject",
        "s3:PutObject",
      ],
      [logPrefix, peoplePrefix].map((prefix) => arns.object(artifactsBucket, `${prefix}*`)),
    ),
    allow("TidyLog", ["s3:DeleteObject"], [arns.object(artifactsBucket, `${logPrefix}tile/*.p/*`)]),
  ];
}

/** Signs what was added, after the last checkpoint was verified, and notes it beside the log. */
function signLog({ arns, logHeadParameter, logKeyAlias }: Scope): Statement[] {
  return [
    allow(
      "SignLog",
      [
        // The public half verifies what others signed before.
        "kms:GetPublicKey",
        "kms:Sign",
      ],
      [arns.key("*")],
      { "ForAnyValue:StringEquals": { "kms:ResourceAliases": logKeyAlias } },
    ),
    allow(
      "NoteHead",
      [
        // A parameter is made with its tags.
        "ssm:AddTagsToResource",
        "ssm:GetParameter",
        "ssm:PutParameter",
      ],
      [arns.parameter(logHeadParameter)],
    ),
  ];
}

function takeMessages(scope: Scope): Statement[] {
  const { arns, trailFilesQueue } = scope;
  return [
    allow(
      "TakeFiles",
      [
        // What Lambda's poller does as the function's role.
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
      ],
      [arns.queue(trailFilesQueue)],
    ),
    writeLogs(scope, recorder),
  ];
}
