import { z } from "zod";

/**
 * A record of CloudTrail, as far as it is read (CloudTrail user guide, "CloudTrail record contents for management, data,
 * and network activity events").
 */
export const trailRecord = z.looseObject({
  eventID: z.string().min(1),
  eventTime: z.iso.datetime(),
  eventSource: z.string().min(1),
  eventName: z.string().min(1),
  awsRegion: z.string().default(""),
  recipientAccountId: z.string().optional(),
  sourceIPAddress: z.string().optional(),
  errorCode: z.string().optional(),
  /** Of events that services make themselves there is none. */
  readOnly: z.boolean().optional(),
  managementEvent: z.boolean().optional(),
  eventCategory: z.string().optional(),
  requestParameters: z.record(z.string(), z.unknown()).nullish(),
  resources: z.array(z.looseObject({ ARN: z.string().optional() })).optional(),
  userIdentity: z.looseObject({
    type: z.string().optional(),
    arn: z.string().optional(),
    accountId: z.string().optional(),
    userName: z.string().optional(),
    invokedBy: z.string().optional(),
    sessionContext: z
      .looseObject({
        sessionIssuer: z.looseObject({ arn: z.string().optional() }).optional(),
        sourceIdentity: z.string().optional(),
      })
      .optional(),
  }),
});
export type TrailRecord = z.infer<typeof trailRecord>;

/** A log file of a trail, unpacked. */
export const trailFile = z.object({ Records: z.array(trailRecord) });

/** Where a trail's log files of an account lie in its bucket; digests of them lie beside. */
export function trailPrefix(accountId: string): string {
  return `AWSLogs/${accountId}/CloudTrail/`;
}

/** Whether an object is a log file of a trail (CloudTrail user guide, "Finding your CloudTrail log files"). */
export function isTrailFile(key: string): boolean {
  return /^(?:.+\/)?AWSLogs\/(?:o-[a-z0-9]+\/)?\d{12}\/CloudTrail\/[a-z0-9-]+\/\d{4}\/\d\d\/\d\d\/[^/]+\.json\.gz$/.test(
    key,
  );
}

/**
 * What services call a refusal for want of a right, as CloudTrail writes it: most by the first, EC2 by the second, with
 * `Client.` before it, SNS by the third.
 */
export const deniedCode =
  /^(Client\.)?(AccessDenied(Exception)?|UnauthorizedOperation|AuthorizationError(Exception)?)$/;

/** Function and role that turn a trail's records into entries of the log. */
export const recorder = "record-changes";

/** S3's event of an object that came, as far as it is read (S3 user guide, "EventBridge event message structure"). */
export const objectCreated = z.object({
  detail: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }),
});
