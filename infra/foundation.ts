import type * as pulumi from "@pulumi/pulumi";
import { Alerts } from "./alerts/alerts";
import { FoundationRoles, LaunchStop } from "./identity/foundation";
import { Identity, type Role } from "./identity/identity";
import { ApprovalKey } from "./keys/approval-key";
import { EnvironmentKey } from "./keys/keys";
import { LogKey } from "./keys/log-key";
import { Network } from "./network/network";
import type { Scope } from "./scope";
import { Storage } from "./storage/storage";

/** Where an environment's parts are made: they are children of its component. */
export interface Place {
  readonly scope: Scope;
  readonly own: pulumi.ComponentResourceOptions;
  /** Logical name of a part. */
  named(part: string): string;
}

/** What everything else of an environment stands on. */
export interface Foundation {
  readonly key: EnvironmentKey;
  readonly approvals: ApprovalKey;
  readonly log: LogKey;
  readonly storage: Storage;
  readonly identity: Identity;
  readonly alerts: Alerts;
  /** Roles of what the foundation itself does, such as writing flow logs. */
  readonly roles: FoundationRoles["roles"];
  readonly network: Network;
  /** What a spent budget does; undefined where it stops nothing. */
  readonly stop: { readonly policy: LaunchStop["policy"]; readonly role: Role } | undefined;
}

/** Keys, buckets, roles, topics and the network. */
export function createFoundation({ scope, own, named }: Place): Foundation {
  const key = new EnvironmentKey(named("keys"), scope, own);
  const approvals = new ApprovalKey(named("approvals"), scope, own);
  const log = new LogKey(named("log"), scope, own);
  const storage = new Storage(named("storage"), scope, key.arn, own);
  const stop = scope.settings.cost.stop === "off" ? undefined : new LaunchStop(named("launch-stop"), scope, own);
  const identity = new Identity(named("identity"), scope, { ...own, ...(stop ? { dependsOn: [stop.policy] } : {}) });
  const alerts = new Alerts(named("alerts"), scope, key.arn, own);
  const { roles, budgetAction } = new FoundationRoles(named("foundation"), scope, identity.boundary.arn, own);
  const network = new Network(named("network"), scope, { keyArn: key.arn, flowLogRole: roles["flow-logs"] }, own);
  return {
    key,
    approvals,
    log,
    storage,
    identity,
    alerts,
    roles,
    network,
    stop: stop && budgetAction && { policy: stop.policy, role: budgetAction },
  };
}
