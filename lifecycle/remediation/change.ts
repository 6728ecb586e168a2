import { z } from "zod";
import { roleOfArn } from "../../contract/names";
import { callDetailType } from "../../contract/events";
import { type Change, type Part, registryCalls, watchedCalls } from "../../contract/remediation";

/** CloudTrail's event on EventBridge, as far as it is read (EventBridge user guide, "AWS service events delivered via CloudTrail"). */
export const callEvent = z.object({
  "detail-type": z.literal(callDetailType),
  time: z.iso.datetime(),
  detail: z.object({
    eventSource: z.string(),
    eventName: z.string(),
    eventTime: z.iso.datetime(),
    userAgent: z.string().default(""),
    errorCode: z.string().optional(),
    userIdentity: z.looseObject({
      arn: z.string().optional(),
      invokedBy: z.string().optional(),
      sessionContext: z
        .looseObject({ sessionIssuer: z.looseObject({ arn: z.string().optional() }).optional() })
        .optional(),
    }),
    requestParameters: z.record(z.string(), z.unknown()).nullable().default(null),
  }),
});
export type CallEvent = z.infer<typeof callEvent>;

/** Roles that update stacks. */
const updating: ReadonlySet<string> = new Set(["deployer", "ci-deployer", "release-build"]);

/** Which part of the account a call is about. */
export function partOf({ detail }: CallEvent): Part | undefined {
  if (registryCalls.includes(detail.eventName)) return "registry";
  return watchedCalls[detail.eventSource]?.part;
}

/** What an event says of who changed what. */
export function changeOf({ detail }: CallEvent): Change {
  const { userIdentity, userAgent, eventName, eventTime, requestParameters } = detail;
  const actor =
    userIdentity.sessionContext?.sessionIssuer?.arn ?? userIdentity.arn ?? userIdentity.invokedBy ?? "unknown";
  const role = roleOfArn(actor)?.role;
  return {
    atMs: Date.parse(eventTime),
    actor,
    update: (role !== undefined && updating.has(role)) || /pulumi/i.test(userAgent),
    action: eventName,
    about: JSON.stringify(requestParameters ?? {}).slice(0, 4096),
  };
}
