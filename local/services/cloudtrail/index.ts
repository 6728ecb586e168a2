/**
 * CloudTrail, and the model of how a service is written here:
 *
 * - `index.ts` is the table of operations and what the service offers the rest of the cloud.
 * - `*-operations.ts` declare operations whole with `operation<Input, Output>`: `requires`, `fidelity`, `handle`, by
 * the SDK's types.
 * - `*-store.ts` keeps records in the journal, and is where "not found" is said in AWS's words.
 * - `requirements.ts` has what several operations require.
 *
 * There is no second table: IAM's evaluator and `docs/local-cloud.md` read requirement and fidelity from the
 * operations.
 */
import type { Cloud } from "../../cloud";
import type { Service } from "../../service";
import { loggingOperations } from "./logging-operations";
import { tellEventBridge } from "./event-bridge";
import { lookupEvents } from "./lookup-events";
import { Deliveries } from "./deliveries";
import { asksFor } from "./selectors";
import { tagOperations } from "./tag-operations";
import { trailOperations } from "./trail-operations";
import { TrailStore } from "./trail-store";

/**
 * CloudTrail: LookupEvents over what the local cloud recorded, events of calls on EventBridge, and trails that write
 * their log files to their buckets.
 */
export function createCloudTrail(cloud: Cloud): Service {
  const trails = new TrailStore(cloud);
  cloud.audit.trailsFor = (event) =>
    trails
      .all()
      .filter(({ logging, selectors }) => logging && asksFor(selectors, event))
      .map(({ name }) => name);
  cloud.audit.heard = (record) => tellEventBridge(cloud, trails, record);
  const deliveries = new Deliveries(trails);
  return {
    id: "cloudtrail",
    start: () => deliveries.start(),
    stop: () => deliveries.stop(),
    operations: {
      LookupEvents: lookupEvents(cloud),
      ...trailOperations(trails, deliveries),
      ...loggingOperations(trails, deliveries),
      ...tagOperations(trails),
    },
    tagsOf: (arn) => trails.all().find((trail) => trail.arn === arn)?.tags,
    inventory: () => trails.all().map(({ arn }) => ({ arn, type: "cloudtrail:trail" })),
  };
}
