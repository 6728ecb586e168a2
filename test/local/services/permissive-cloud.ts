import { setTimeout as delay } from "node:timers/promises";
import type { Caller } from "../../../local/call";
import type { CloudOptions } from "../../../local/cloud";
import type { Members } from "../../../local/members";
import type { Handler } from "../../../local/operation";
import type { ServiceEvent } from "../../../local/service";
import { Cloud } from "../../../local/cloud";
import type { Principal } from "../../../local/iam/principal";

const administrator: Principal = {
  type: "root",
  arn: "arn:aws:iam::111122223333:root",
  accountId: "111122223333",
  id: "111122223333",
};
export const caller: Caller = { principal: administrator, sourceIp: "192.0.2.1", userAgent: "test" };

export interface Recorded {
  readonly events: ServiceEvent[];
  readonly logs: { group: string; stream: string; lines: readonly string[] }[];
  readonly samples: { name: string; value: number }[];
}

/**
 * A cloud without IAM and without service models, for tests whose subject is neither. Every role can be assumed;
 * events, log lines and samples that services emit are recorded unless the test registers the service that owns them.
 */
export function permissiveCloud(options: Partial<CloudOptions> = {}): { cloud: Cloud; recorded: Recorded } {
  const cloud = new Cloud({
    ...options,
    models: { validate: () => [], has: () => true, service: () => undefined } as unknown as CloudOptions["models"],
  });
  cloud.audit.record = () => undefined;
  cloud.authoriser = { authorise: () => undefined } as Cloud["authoriser"];
  const recorded: Recorded = { events: [], logs: [], samples: [] };
  cloud.internals.emit = (event) => void recorded.events.push(event);
  cloud.internals.log = (group, stream, lines) => void recorded.logs.push({ group, stream, lines });
  cloud.internals.measure = (samples) => void recorded.samples.push(...samples);
  cloud.internals.assume = (roleArn, service, session) => ({
    type: "role",
    arn: `${roleArn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/${session}`,
    accountId: "111122223333",
    id: `AROATEST:${session}`,
    roleArn,
    invokedBy: service,
  });
  cloud.internals.credentials = () => ({ accessKeyId: "ASIATEST", secretAccessKey: "secret", sessionToken: "token" });
  return { cloud, recorded };
}

/** Registers a service that consists of the given operations. */
export function fakeService(cloud: Cloud, id: string, operations: Record<string, Handler>): void {
  cloud.register({ id, operations });
}

/** A call as the administrator. */
export async function send(cloud: Cloud, service: string, operation: string, input: Members): Promise<Members> {
  return (await cloud.call(service, operation, input, caller)) as Members;
}

/** Waits until a condition holds; fails loudly when it never does. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 15 * 60_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`gave up waiting until ${what}`);
    await delay(10);
  }
}
