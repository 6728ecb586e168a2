import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Asset, Policy, Role, World } from "../../../../lifecycle/access/model";

type Stored<T, Key extends keyof T> = Omit<T, Key> & Readonly<Record<Key, unknown>>;

interface StoredWorld extends Pick<World, "region" | "people" | "derivedEdges"> {
  readonly policies: Readonly<Record<string, Policy & { readonly arn: string }>>;
  readonly roles: readonly (Stored<Role, "trust" | "policies" | "boundary"> & {
    readonly trust: string;
    readonly policies: readonly string[];
    readonly boundary: string;
  })[];
  readonly assets: readonly (Omit<Asset, "policy"> & { readonly policy?: string })[];
}

/**
 * Development and production as the program rendered them before its chains were broken: roles, policies and
 * boundaries, with a bucket for states and workflows. Kept as it was, so that a search that finds nothing today is one
 * that found these.
 */
export function worldAsItWas(): World {
  const { region, policies, roles, people, assets, derivedEdges } = JSON.parse(
    readFileSync(join(__dirname, "policies.json"), "utf8"),
  ) as StoredWorld;
  return {
    region,
    people,
    derivedEdges,
    roles: roles.map((role): Role => ({
      ...role,
      trust: policies[role.trust]!,
      policies: role.policies.map((name) => policies[name]!),
      boundary: policies[role.boundary]!,
    })),
    assets: assets.map((asset): Asset => ({
      ...asset,
      policy: asset.policy === undefined ? undefined : policies[asset.policy]!,
    })),
  };
}
