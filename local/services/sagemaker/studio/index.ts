import type { Call, Requirement } from "../../../call";
import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import type { Handler } from "../../../operation";
import type { InventoryItem } from "../../../service";
import type { Tags } from "../tags";
import { appOperations, lifecycleConfigOperations } from "./apps";
import { domainOperations, memberOperations } from "./domains";
import { studioPermissions } from "./permissions";
import { StudioStore } from "./store";

/** The part of SageMaker that keeps Studio. */
export interface Studio {
  readonly operations: Readonly<Record<string, Handler>>;
  readonly permissions: Readonly<Record<string, (input: Members, call: Call) => Requirement[]>>;
  exists(arn: string): boolean;
  inventory(): InventoryItem[];
}

/**
 * SageMaker Studio: domains, profiles, spaces, apps and lifecycle configurations, kept with AWS's rules and errors;
 * nothing runs in them.
 */
export function createStudio(cloud: Cloud, tags: Tags): Studio {
  const store = new StudioStore(cloud, tags);
  return {
    operations: {
      ...domainOperations(store),
      ...memberOperations(store),
      ...appOperations(store),
      ...lifecycleConfigOperations(store),
    },
    permissions: studioPermissions(store),
    exists: (arn) => store.exists(arn),
    inventory: () => store.inventory(),
  };
}
