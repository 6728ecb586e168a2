import type { Cloud } from "../cloud";
import type { Members } from "../members";
import type { Handler } from "../operation";
import { AwsError } from "../errors";
import type { GrantRecord } from "../iam/grant-record";
import { keyGrants } from "../iam/grants";
import { iamRecords } from "../iam/records";
import { page } from "../services/pages";

/** Asks for a key, by id or ARN. @throws AwsError NotFoundException. */
export type FindKey = (keyId: string) => Promise<{ readonly Arn: string; readonly KeyState: string }>;

/** Grants on keys are kept here, where IAM asks for them (`iam/grants.ts`). */
export function grantOperations(cloud: Cloud, findKey: FindKey): Record<string, Handler> {
  const grants = keyGrants(cloud);
  const keyArnOf = async ({ KeyId }: Members): Promise<string> => (await findKey(String(KeyId))).Arn;
  const one = (keyArn: string, id: unknown): GrantRecord => {
    const grant = grants.byId(keyArn, id);
    if (!grant) throw new AwsError("NotFoundException", `Grant ID ${String(id)} not found`);
    return grant;
  };
  return {
    async CreateGrant(input) {
      const { Arn: keyArn, KeyState } = await findKey(String(input.KeyId));
      if (KeyState === "Disabled") throw new AwsError("DisabledException", `${keyArn} is disabled.`);
      if (KeyState === "PendingDeletion")
        throw new AwsError("KMSInvalidStateException", `${keyArn} is pending deletion.`);
      const grantee = principal(cloud, "grantee", input.GranteePrincipal ?? input.GranteeServicePrincipal);
      if (grantee === undefined)
        throw new AwsError(
          "ValidationException",
          "Either GranteePrincipal or GranteeServicePrincipal must be specified.",
        );
      const wanted = {
        keyArn,
        grantee,
        operations: input.Operations as string[],
        ...(input.Name === undefined ? {} : { name: String(input.Name) }),
        ...optional(
          "retiring",
          principal(cloud, "retiring", input.RetiringPrincipal ?? input.RetiringServicePrincipal),
        ),
        ...(input.Constraints === undefined ? {} : { constraints: input.Constraints as Members }),
      };
      dryRun(input);
      // The same request with the same name gives the same grant (KMS API, CreateGrant: Name).
      const before =
        wanted.name === undefined
          ? undefined
          : grants
              .all()
              .find(
                ({ id: _id, token: _token, createdMs: _created, ...made }) =>
                  JSON.stringify(sorted(made)) === JSON.stringify(sorted(wanted)),
              );
      const { id, token } = before ?? grants.add(wanted);
      return { GrantId: id, GrantToken: token };
    },
    async ListGrants(input) {
      const keyArn = await keyArnOf(input);
      if (input.GrantId !== undefined) one(keyArn, input.GrantId);
      const wanted = (grant: GrantRecord): boolean =>
        grant.keyArn === keyArn &&
        (input.GrantId ?? grant.id) === grant.id &&
        (input.GranteePrincipal ?? input.GranteeServicePrincipal ?? grant.grantee) === grant.grantee;
      return listed(cloud, grants.all().filter(wanted), input);
    },
    ListRetirableGrants: (input) =>
      listed(
        cloud,
        grants.all().filter(({ retiring }) => retiring === (input.RetiringPrincipal ?? input.RetiringServicePrincipal)),
        input,
      ),
    async RevokeGrant(input) {
      const { id } = one(await keyArnOf(input), input.GrantId);
      dryRun(input);
      grants.remove(id);
    },
    async RetireGrant(input) {
      if ((input.GrantToken === undefined) === (input.KeyId === undefined || input.GrantId === undefined))
        throw new AwsError(
          "ValidationException",
          "Either a grant token, or a key id and a grant id must be specified.",
        );
      const grant =
        input.GrantToken === undefined ? one(await keyArnOf(input), input.GrantId) : grants.byToken(input.GrantToken);
      if (!grant) throw new AwsError("InvalidGrantTokenException", "Invalid grant token");
      dryRun(input);
      grants.remove(grant.id);
    },
  };
}

/** A principal must be there when a grant names it. @throws AwsError InvalidArnException. */
function principal(cloud: Cloud, role: "grantee" | "retiring", name: unknown): string | undefined {
  if (name === undefined) return undefined;
  const arn = String(name);
  const [, account, kind, path] = /^arn:aws:(?:iam|sts)::(\d{12}):(role|user|assumed-role)\/(.+)$/.exec(arn) ?? [];
  if (account === cloud.accountId) {
    const { roles, users } = iamRecords(cloud);
    const found =
      kind === "user"
        ? users.get(path!.split("/").at(-1)!)?.arn === arn
        : kind === "role"
          ? roles.get(path!.split("/").at(-1)!)?.arn === arn
          : roles.has(path!.split("/")[0]!);
    if (!found) throw new AwsError("InvalidArnException", `ARN does not refer to a valid principal: ${arn}`);
  } else if (!/^arn:aws:(iam|sts)::\d{12}:|^[a-z0-9.-]+\.amazonaws\.com$/.test(arn))
    throw new AwsError("InvalidArnException", `ARN does not refer to a valid principal for the ${role}: ${arn}`);
  return arn;
}

function dryRun(input: Members): void {
  if (input.DryRun === true)
    throw new AwsError("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
}

function optional(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

function sorted(grant: object): [string, unknown][] {
  return Object.entries(grant).sort(([one], [other]) => one.localeCompare(other));
}

function listed(cloud: Cloud, grants: readonly GrantRecord[], input: Members): Members {
  const { items, next } = page(grants, input.Marker as string | undefined, (input.Limit as number | undefined) ?? 50);
  const named = (member: string, name: string | undefined): Members =>
    name === undefined ? {} : { [name.startsWith("arn:") ? `${member}Principal` : `${member}ServicePrincipal`]: name };
  const Grants = items.map(({ id, keyArn, name, grantee, retiring, operations, constraints, createdMs }) => ({
    KeyId: keyArn,
    GrantId: id,
    Name: name ?? "",
    CreationDate: new Date(createdMs),
    ...named("Grantee", grantee),
    ...named("Retiring", retiring),
    IssuingAccount: `arn:aws:iam::${cloud.accountId}:root`,
    Operations: operations,
    ...(constraints ? { Constraints: constraints } : {}),
  }));
  return { Grants, Truncated: next !== undefined, ...(next === undefined ? {} : { NextMarker: next }) };
}
