import type { DesiredFacts } from "../../contract/remediation";
import type { Finding } from "../../lifecycle/remediation/finding";
import type { Account } from "./ports";

/**
 * Puts one violation right: exactly what the desired facts say of exactly this resource.
 * @throws Error of AWS where it does not let itself be put right.
 */
export async function repair(finding: Finding, facts: DesiredFacts, account: Account): Promise<void> {
  const { called, resource, violation } = finding;
  const { endpoint } = facts.serving;
  switch (violation) {
    case "capture-off":
    case "endpoint-config-changed":
      return account.sagemaker.serve(endpoint!.name, endpoint!.config);
    case "endpoint-tag-removed":
      return account.sagemaker.tag(endpoint!.arn, endpoint!.tags);
    case "alarm-deleted":
    case "alarm-changed":
      return account.alarms.put(planned(facts.watch.alarms, ({ AlarmName }) => AlarmName === called) as never);
    case "bucket-public":
      return account.buckets.close(called);
    case "bucket-policy-changed":
      return account.buckets.setPolicy(called, planned(facts.account.buckets, ({ name }) => name === called).policy!);
    case "versioning-suspended":
      return account.buckets.version(called);
    case "log-retention-lifted":
      return account.logs.retain(called, planned(facts.watch.logGroups, ({ name }) => name === called).days);
    case "role-policy-added":
      return account.roles.deleteInline(called, partOf(resource));
    case "role-policy-attached":
      return account.roles.detach(called, partOf(resource));
    case "boundary-removed":
      return account.roles.bound(called, planned(facts.account.roles, ({ name }) => name === called).boundary!);
    case "trail-stopped":
      return account.trails.start(called);
    case "key-deletion":
      // A key that was had back is disabled.
      await account.keys.keep(called);
      return account.keys.enable(called);
    case "key-disabled":
      return account.keys.enable(called);
    case "rule-disabled":
      return account.rules.enable(called, planned(facts.watch.rules, ({ name }) => name === called).bus);
    case "schedule-disabled": {
      const { group, name } = planned(facts.watch.schedules, (one) => one.name === called);
      return account.schedules.enable(group, name);
    }
    case "wrong-approval":
      return account.sagemaker.withdraw(
        called,
        `Approved by nobody who may: ${finding.reasons.join("; ")}`.slice(0, 1024),
      );
    case "role-policy-changed":
    case "function-code-changed":
      throw new Error(`${violation} is nothing that a function puts right`);
    default:
      return violation satisfies never;
  }
}

function planned<Item>(items: readonly Item[], is: (item: Item) => boolean): Item {
  const found = items.find(is);
  if (found === undefined) throw new Error("the desired facts do not know it any more");
  return found;
}

/** What follows the role's name. */
const partOf = (resource: string): string => resource.slice(resource.indexOf("/") + 1);
