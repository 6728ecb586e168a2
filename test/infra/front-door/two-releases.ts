import { documentSchema } from "../../../contract/documents";
import { lineOf, seal } from "../../../records/chain";
import { releaseId } from "../../../records/release";

/** A release of staging as the ledger has it. */
function released(digit: string, at: string) {
  const content = {
    modelPackageArn: `arn:aws:sagemaker:eu-central-1:123456789012:model-package/peregrine-dev-detector/${digit}`,
    modelSha256: digit.repeat(64),
    imageUri: "image:1",
  };
  const id = releaseId(content);
  const body = {
    schema: documentSchema.release,
    environment: "staging",
    releaseId: id,
    ...content,
    policyPack: { version: "1", result: "passed" },
    kind: "promote",
    outcome: "live",
    reasons: [],
    endpointConfigName: `config-${digit}`,
    startedAt: at,
    endedAt: at,
  };
  return { id, entry: { at, by: "arn:aws:iam::123456789012:role/release", kind: "release", subject: id, body } };
}

/** The release before the live one. */
export const first = released("1", "2026-11-27T10:00:00Z");
const one = seal(first.entry, undefined);

/** A ledger of two releases that went live, one after the other. */
export const ledgerLines = `${lineOf(one)}\n${lineOf(seal(released("2", "2026-11-28T10:00:00Z").entry, one))}\n`;

/** EventBridge's event of an alarm that was raised. */
export function raisedAlarm(alarmName: string) {
  return {
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    time: "2026-11-29T10:00:00Z",
    detail: { alarmName, state: { value: "ALARM" } },
  };
}
