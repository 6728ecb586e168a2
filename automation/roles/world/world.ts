import type { World } from "../../../lifecycle/access/model";
import type { Scope } from "../../../infra/scope";
import { assetsOf, sharedAssets, signsDecisions } from "./assets";
import { datasetOf } from "./buckets";
import { type MitigationName, mitigations } from "./mitigations";
import { derivedEdgesOf } from "./derived-edges";
import { peopleOf } from "./people";
import { rolesOf } from "./roles";

/**
 * The world of some environments, from the functions that render their policies: whatever role or statement the program
 * has, the search asks about.
 * @param mitigated what the program is said to do with what it reads.
 */
export function worldOf(
  scopes: readonly Scope[],
  mitigated: (name: MitigationName) => boolean = (name) => name in mitigations,
): World {
  const roles = scopes.flatMap(rolesOf);
  const people = peopleOf(scopes);
  const accounts = new Map(scopes.map((scope) => [scope.place.accountId, scope]));
  const shared = [...accounts.values()].flatMap((scope) => {
    const withProvider = scopes
      .filter(({ place, settings }) => place.accountId === scope.place.accountId && settings.deployer.repository)
      .map(({ environment }) => environment);
    return sharedAssets(scope, people, withProvider);
  });
  const datasets = new Map(scopes.flatMap((scope) => datasetOf(scope)).map((asset) => [asset.id, asset]));
  const assets = [...scopes.flatMap((scope) => assetsOf(scope, roles, people)), ...shared, ...datasets.values()];
  const registry = registryOf(scopes);
  const targets = scopes.map(({ environment }) => environment).filter((environment) => environment !== registry);
  return {
    region: scopes[0]!.settings.region,
    roles,
    people,
    assets,
    derivedEdges: derivedEdgesOf({
      roles,
      assets,
      registry,
      targets,
      signed: signsDecisions(roles),
      mitigated: mitigated,
    }),
  };
}

/**
 * The environment that others take their models from: the one that releases to them, or lets them read; dev where
 * nobody says.
 */
function registryOf(scopes: readonly Scope[]): string {
  const says = scopes.find(
    ({ settings: { accounts, delivery } }) => delivery.targets.length > 0 || accounts.readers.length > 0,
  );
  return (says ?? scopes[0]!).environment;
}
