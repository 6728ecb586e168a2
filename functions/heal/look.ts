import { environmentPath, namePrefix } from "../../contract/names";
import type { AlarmFacts, Change, DesiredFacts, Part } from "../../contract/remediation";
import { decisionFolder, readDecision } from "../../lifecycle/decision";
import type { Seen, SeenApproval } from "../../lifecycle/remediation/find";
import type { Account } from "./ports";

export interface Place {
  readonly environment: string;
  /** The artifacts bucket. */
  readonly bucket: string;
  readonly modelPackageGroup: string;
}

/** What a look came to. */
export interface Looked {
  readonly seen: Seen;
  /** Parts that could be looked at. */
  readonly looked: readonly Part[];
  readonly failures: readonly string[];
}

/** What is there, for some parts of the account. One that cannot be looked at hides none of the others. */
export async function look(
  parts: readonly Part[],
  facts: DesiredFacts,
  changes: readonly Change[],
  account: Account,
  place: Place,
): Promise<Looked> {
  const results = await Promise.allSettled(parts.map((part) => lookAt[part](facts, changes, account, place)));
  const seen = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  return {
    seen: Object.assign({}, ...seen) as Seen,
    looked: parts.filter((_part, index) => results[index]!.status === "fulfilled"),
    failures: results.flatMap((result, index) =>
      result.status === "rejected" ? [`${parts[index]}: ${(result.reason as Error).message}`] : [],
    ),
  };
}

type Look = (facts: DesiredFacts, changes: readonly Change[], account: Account, place: Place) => Promise<Seen>;

const all = <Item, Found>(items: readonly Item[], of: (item: Item) => Promise<Found>): Promise<Found[]> =>
  Promise.all(items.map(of));

const lookAt: Readonly<Record<Part, Look>> = {
  endpoint: async ({ serving }, _changes, { sagemaker }) =>
    serving.endpoint ? { endpoint: (await sagemaker.endpoint(serving.endpoint.name)) ?? null } : {},
  alarms: async (_facts, _changes, { alarms }, { environment }) => ({
    alarms: (await alarms.named(`${namePrefix(environment)}-`)) as unknown as AlarmFacts[],
  }),
  buckets: async ({ account }, _changes, { buckets }) => ({
    buckets: await all(account.buckets, async ({ name }) => ({
      name,
      policy: await buckets.policy(name),
      versioned: await buckets.isVersioned(name),
      closed: await buckets.isClosed(name),
    })),
  }),
  logs: async ({ watch }, _changes, { logs }) => {
    const starts = [...new Set(watch.logGroups.map(({ name }) => start(name)))];
    const groups = (await all(starts, (prefix) => logs.groups(prefix))).flat();
    return { logs: groups.map(({ name, retentionDays }) => ({ name, days: retentionDays })) };
  },
  roles: async (_facts, _changes, { roles }, { environment }) => ({
    roles: await roles.under(environmentPath(environment)),
  }),
  trail: async ({ account }, _changes, { trails }) => ({
    trail: await all(account.trails, async ({ name }) => ({ name, logging: await trails.isLogging(name) })),
  }),
  keys: async ({ account }, _changes, { keys }) => ({
    keys: await all(account.keys, async ({ id }) => ({ id, state: await keys.state(id) })),
  }),
  schedules: async ({ watch }, _changes, { rules, schedules }, { environment }) => {
    const buses = [...new Set(watch.rules.map(({ bus }) => bus))];
    const states = (await all(buses, (bus) => rules.states(`${namePrefix(environment)}-`, bus))).flat();
    const planned = new Set(watch.rules.map(({ name }) => name));
    const found = await all(watch.schedules, async ({ name, group }) => ({
      name: `${group}/${name}`,
      enabled: await schedules.isEnabled(group, name),
    }));
    return {
      rules: states.filter(({ name }) => planned.has(name)),
      // One that is not there cannot be switched on: the next update makes it.
      schedules: found.flatMap(({ name, enabled }) => (enabled === undefined ? [] : [{ name, enabled }])),
    };
  },
  registry: async (_facts, changes, account, place) => ({
    registry: await all(await account.sagemaker.approved(place.modelPackageGroup), (arn) =>
      approval(arn, changes, account, place),
    ),
  }),
  functions: async ({ watch }, _changes, { functions }) => {
    const found = await all(watch.functions, async ({ name }) => ({ name, code: await functions.code(name) }));
    // One that is gone runs nothing: the next update makes it.
    return { functions: found.flatMap(({ name, code }) => (code === undefined ? [] : [{ name, code }])) };
  },
};

/** Log groups of one kind are listed together: `/aws/lambda/`, `/peregrine/dev/`. */
const start = (name: string): string => /^\/[^/]+\/[^/]+\//.exec(name)?.[0] ?? name;

async function approval(
  arn: string,
  changes: readonly Change[],
  { objects }: Account,
  { bucket }: Place,
): Promise<SeenApproval> {
  const newest = (await objects.list(bucket, decisionFolder(arn))).at(-1);
  const body = newest && (await objects.get({ bucket, key: newest.key }));
  const read = body && readDecision(body.toString("utf8"));
  return {
    arn,
    // The last call that approved it; the registry itself tells only who changed anything of it last.
    by: changes.filter(({ about }) => about.includes(arn) && about.includes('"Approved"')).at(-1)?.actor,
    decided: read !== undefined && "decision" in read && read.decision.verdict === "Approved",
  };
}
