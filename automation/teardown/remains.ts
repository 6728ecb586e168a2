import { environmentPath, environmentTags } from "../../contract/names";
import { identitiesBelow } from "../../aws/iam";
import { keyFate } from "../../aws/kms";
import { type LogGroup, Logs } from "../../aws/logs";
import { ObjectStore } from "../../aws/s3";
import type { AwsSession } from "../../aws/session";
import { taggedResources } from "../../aws/tagging";
import { endlessGroups } from "../../lifecycle/health/log-retention";
import { poll } from "../poll";

/**
 * The tagging API lists what is gone for some minutes ("tagged or previously tagged"); what it lists longer is there.
 */
const taggingLagMs = 5 * 60_000;
/** IAM and other global services are told in this Region alone. */
const globalRegion = "us-east-1";
/** A key that waits for its deletion. */
export interface PendingKey {
  readonly arn: string;
  /** ISO 8601 in UTC. */
  readonly until: string;
}

/** What an environment left in the account. */
export interface Remains {
  /** ARNs of what should be gone. */
  readonly left: readonly string[];
  readonly pendingKeys: readonly PendingKey[];
}

/**
 * What is left of an environment: what carries its tags in its Region and in the one of global services, and its roles
 * and policies, which are known by their path. Keys are asked for their state. What is only listed still is waited for.
 * @param kept ARNs of what stays on purpose.
 */
export async function remainsOf(
  session: AwsSession,
  environment: string,
  kept: readonly string[],
  onWait: (what: string) => void,
): Promise<Remains> {
  return poll(
    () => listRemains(session, environment, kept),
    ({ left }) => left.length === 0,
    {
      timeoutMs: taggingLagMs,
      onWait: ({ left }) => onWait(`waiting for ${left.length} resources that are still listed, such as ${left[0]!}`),
    },
  );
}

async function listRemains(session: AwsSession, environment: string, kept: readonly string[]): Promise<Remains> {
  const tags = environmentTags(environment);
  const regions = [...new Set([session.region, globalRegion])];
  const tagged = (await Promise.all(regions.map((region) => taggedResources({ ...session, region }, tags)))).flat();
  const found = [...new Set([...tagged, ...(await identitiesBelow(session, environmentPath(environment)))])].filter(
    (arn) => !kept.includes(arn),
  );
  const keys = await Promise.all(found.filter(isKey).map(async (arn) => ({ arn, fate: await keyFate(session, arn) })));
  const pendingKeys = keys.flatMap(({ arn, fate }) =>
    fate.state === "pending" ? [{ arn, until: fate.until.toISOString() }] : [],
  );
  const stay = keys.filter(({ fate }) => fate.state === "stays").map(({ arn }) => arn);
  return { left: found.filter((arn) => !isKey(arn) || stay.includes(arn)), pendingKeys };
}

/**
 * Of what lists of tags say, what can still be had: buckets that are there, keys that do not wait for their deletion.
 */
export async function stillThere(session: AwsSession, arns: readonly string[]): Promise<string[]> {
  const store = new ObjectStore(session);
  const there = await Promise.all(
    arns.map(async (arn) =>
      isKey(arn)
        ? (await keyFate(session, arn)).state === "stays"
        : arn.split(":")[2] === "s3"
          ? store.bucketExists(arn.split(":::")[1]!)
          : true,
    ),
  );
  return arns.filter((_, index) => there[index]);
}

/** SageMaker's own log groups that keep everything for ever: nobody's tags are on them, and no stack deletes them. */
export async function endlessLogGroups(session: AwsSession): Promise<LogGroup[]> {
  return endlessGroups(await new Logs(session).groups("/aws/sagemaker/"));
}

function isKey(arn: string): boolean {
  return /^arn:[^:]+:kms:/.test(arn) && arn.includes(":key/");
}
