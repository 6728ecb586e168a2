import { roleOfArn } from "../../../contract/names";
import { type AccountPolicy, type AccountRole, accountRoles } from "../../../aws/iam-account";
import { ResourcePolicies } from "../../../aws/resource-policies";
import { ObjectStore } from "../../../aws/s3";
import type { AwsSession } from "../../../aws/session";
import { type Asset, list, type Policy, type Role, type Statement, type World } from "../../../lifecycle/access/model";

/**
 * The world as an account has it: the roles that are there, with their policies, trusts and boundaries, and the
 * policies of its things. What the program says is kept for what no API tells: what there is to reach, who believes it.
 * Reads only.
 * @param world of the program, for the environments of that account.
 */
export async function worldOfAccount(session: AwsSession, world: World): Promise<World> {
  const [found, assets] = await Promise.all([accountRoles(session), assetsOfAccount(session, world.assets)]);
  const roles = found.filter(({ arn }) => roleOfArn(arn)).map((role) => roleOf(role, world));
  const known = new Set(assets.map(({ id }) => id));
  const extra = roles.flatMap((role): Asset[] => [
    { id: `role ${role.arn}`, kind: "role", arn: role.arn, account: role.account, environment: role.environment },
    ...[...role.policies.map(({ name }) => name), ...(role.boundary ? [role.boundary.arn] : [])]
      .filter((name) => name.startsWith("arn:"))
      .map((arn): Asset => ({
        id: `policy ${arn}`,
        kind: "policy",
        arn,
        account: role.account,
        environment: role.environment,
      })),
  ]);
  const more = new Map(extra.filter(({ id }) => !known.has(id)).map((asset) => [asset.id, asset]));
  return { ...world, roles, assets: [...assets, ...more.values()] };
}

function roleOf({ arn, trust, policies, boundary }: AccountRole, { roles }: World): Role {
  const [, , , , account = ""] = arn.split(":");
  const { environment = "", role = "" } = roleOfArn(arn) ?? {};
  const programs = roles.find((one) => one.arn === arn);
  const name = programs?.name ?? role;
  const trusted = policyOf({ name: "trust policy", document: trust });
  return {
    arn,
    account,
    environment,
    name,
    kind: programs?.kind ?? kindOf(trusted),
    trust: trusted,
    policies: policies.map(policyOf),
    ...(boundary ? { boundary: { ...policyOf(boundary), arn: boundary.name } } : {}),
  };
}

/** Whom a role that the program does not know is for: whoever takes it. */
function kindOf({ statements }: Policy): Role["kind"] {
  const principals = statements.flatMap(({ Principal }) =>
    typeof Principal === "object" ? Object.keys(Principal) : [],
  );
  return principals.includes("AWS") ? "person" : principals.includes("Federated") ? "workflow" : "service";
}

function policyOf({ name, document }: AccountPolicy): Policy {
  return { name, statements: statementsOf(document) };
}

function statementsOf(document: string): Statement[] {
  const { Statement = [] } = JSON.parse(document) as { Statement?: Statement | Statement[] };
  return [Statement].flat();
}

async function assetsOfAccount(session: AwsSession, assets: readonly Asset[]): Promise<Asset[]> {
  const [policies, store] = [new ResourcePolicies(session), new ObjectStore(session)];
  const located = await Promise.all(assets.map((asset) => locate(policies, store, asset)));
  const buckets = new Map(located.filter(({ kind }) => kind === "bucket").map((asset) => [asset.id, asset]));
  return located.map((asset) => {
    const bucket = asset.within === undefined ? undefined : buckets.get(asset.within);
    if (!bucket) return asset;
    const key = asset.arn.slice(asset.arn.indexOf("/"));
    return { ...asset, arn: `${bucket.arn}${key}`, policy: bucket.policy };
  });
}

/** A thing under the name that the account gave it, with the policy that it has there. */
async function locate(policies: ResourcePolicies, store: ObjectStore, asset: Asset): Promise<Asset> {
  const arn = await arnOf(policies, store, asset);
  if (!["bucket", "key", "queue", "topic", "function", "repository", "package-group"].includes(asset.kind))
    return asset;
  const text = await policies.ofArn(arn);
  return {
    ...asset,
    arn,
    policy: text ? { name: `policy of ${asset.id}`, statements: statementsOf(text) } : undefined,
    policyMustAllow: asset.kind === "key" && text !== undefined,
  };
}

async function arnOf(policies: ResourcePolicies, store: ObjectStore, { kind, arn, context }: Asset): Promise<string> {
  const [alias] = list(context?.["kms:ResourceAliases"]);
  if (kind === "key" && alias) return (await policies.keyOf(alias)) ?? arn;
  if (kind !== "bucket" || !arn.endsWith("*")) return arn;
  const [, prefix = ""] = /^arn:[^:]*:s3:::(.*)\*$/.exec(arn) ?? [];
  const [name] = await store.bucketsNamed(prefix);
  return name ? arn.replace(/:::.*$/, `:::${name}`) : arn;
}
