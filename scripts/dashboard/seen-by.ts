import type { Environment } from "../../automation/stack/environment";
import { actingAs, type Profiles } from "../profiles";

/** The same environment, seen by somebody else. */
export function seenBy(environment: Environment, profiles: Profiles | undefined): Environment {
  return Object.create(environment, {
    session: { value: actingAs(environment, profiles), enumerable: true },
  }) as Environment;
}
