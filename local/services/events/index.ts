import type { Cloud } from "../../cloud";
import type { Service } from "../../service";
import { ArrivalPlan } from "./arrivals";
import { EventStore } from "./buses";
import { eventOperations } from "./operations";
import { eventPermissions } from "./permissions";
import { Router } from "./routing";

/** EventBridge. */
export interface Events extends Service {
  /** Resolves when every delivery has arrived or was given up. */
  settled(): Promise<void>;
}

/** EventBridge: buses, rules, schedules, archives and deliveries. Sets `cloud.internals.emit`. */
export function createEvents(cloud: Cloud): Events {
  const store = new EventStore(cloud);
  const router = new Router(cloud, store, cloud.lags.events ? new ArrivalPlan(cloud.accountId) : undefined);
  cloud.internals.emit = (event) => router.emit(event);
  return {
    id: "events",
    operations: eventOperations(store, router),
    permissions: eventPermissions(store),
    tagsOf: (arn) => (store.exists(arn) ? (store.tags.get(arn) ?? {}) : undefined),
    resourcePolicyOf: (arn) => [...store.buses.values()].find((bus) => bus.arn === arn)?.policy,
    inventory: () => [
      ...[...store.buses.values()]
        .filter((bus) => bus.name !== "default")
        .map(({ arn }) => ({ arn, type: "AWS::Events::EventBus" })),
      ...[...store.archives.values()].map(({ arn }) => ({ arn, type: "AWS::Events::Archive" })),
      ...[...store.rules.values()].map(({ arn }) => ({ arn, type: "AWS::Events::Rule" })),
    ],
    start: () => router.start(),
    stop: () => router.stop(),
    settled: () => router.engine.settled(),
  };
}
