import assert from "node:assert/strict";
import { type EnvironmentName, environments } from "../../../contract/environments";
import { boundaries } from "../../../infra/identity/boundaries";
import { policyDocument } from "../../../infra/identity/document";
import type { RoleDescription } from "../../../infra/identity/roles/role-definition";
import { approvalKeyPolicy } from "../../../infra/keys/approval-key";
import { logKeyPolicy } from "../../../infra/keys/log-key";
import { keyPolicy } from "../../../infra/keys/key-policy";
import { fixedContext } from "../../../local/iam/context";
import { evaluate, type NamedPolicy } from "../../../local/iam/evaluate";
import { compilePolicy } from "../../../local/iam/policy";
import type { Principal } from "../../../local/iam/principal";
import { type Clients, clientsOf, close } from "../../../automation/roles/matrix/clients";
import { columns, type MatrixRole, peopleOfMatrix, personOf } from "../../../automation/roles/matrix/expected";
import { type Cell, cellsOf, homesOf, rows } from "../../../automation/roles/matrix/rows";
import { probes } from "../../../automation/roles/matrix/probes";
import type { Need } from "../../../automation/roles/matrix/probes/probe";
import {
  type Answer,
  describe as inWords,
  differences,
  execute,
  probeName,
  unmatched,
} from "../../../automation/roles/matrix/ask";
import { allRoles } from "../../../infra/identity/roles/all-roles";
import { targetOf } from "../../../automation/roles/matrix/target";
import { accountId, scopeOf } from "../../support/scope";
import { GovernedAccount, policiesOf } from "./account";

const roles = Object.values(columns);
const cells = cellsOf(roles);
const scopes = Object.fromEntries(environments.map((name) => [name, scopeOf(name)])) as Record<
  EnvironmentName,
  ReturnType<typeof scopeOf>
>;
const named = (name: string, document: string): NamedPolicy => ({ name, policy: compilePolicy(document, "identity") });

interface Holder {
  readonly principal: Principal;
  readonly policies: { readonly identity: readonly NamedPolicy[]; readonly boundary: NamedPolicy };
}

/** A session of a role with its policies, rendered by the pure functions. */
function holder(role: MatrixRole, environment: EnvironmentName): Holder {
  const scope = scopes[environment];
  const description = (allRoles(scope) as Record<string, RoleDescription>)[role]!;
  const boundary = boundaries(scope)[description.boundary ?? "boundary"]!;
  const roleArn = scope.roleArn(role);
  return {
    principal: {
      type: "role",
      arn: `arn:aws:sts::${accountId}:assumed-role/${scope.roleName(role)}/${personOf[role] ?? "matrix"}`,
      accountId,
      id: `AROAMATRIX:${personOf[role] ?? "matrix"}`,
      roleArn,
      sourceIdentity: personOf[role],
    },
    policies: {
      identity: policiesOf(role, description, scope).map(({ name, document }) => named(name, document)),
      boundary: named("boundary", policyDocument(boundary.statements)),
    },
  };
}

const holders = new Map<string, Holder>();
function holderOf({ role, from }: Cell): Holder {
  const key = `${role} ${from}`;
  if (!holders.has(key)) holders.set(key, holder(role, from));
  return holders.get(key)!;
}

/** Keys have policies of their own, which must allow as well. */
const approvalKey = (name: EnvironmentName) => scopes[name].arns.key(`${name}-approvals`);
const logKey = (name: EnvironmentName) => scopes[name].arns.key(`${name}-log`);
const keyPolicies = new Map(
  environments.flatMap((name) => [
    [scopes[name].arns.key(name), { name, policy: compilePolicy(policyDocument(keyPolicy(scopes[name])), "resource") }],
    [logKey(name), { name, policy: compilePolicy(policyDocument(logKeyPolicy(scopes[name])), "resource") }],
    [approvalKey(name), { name, policy: compilePolicy(policyDocument(approvalKeyPolicy(scopes[name])), "resource") }],
  ]),
);

function allowed({ principal, policies }: Holder, { action, resource, context }: Need): boolean {
  const region = action.startsWith("iam:") ? "us-east-1" : scopes.dev.settings.region;
  const lookup = fixedContext({
    "aws:RequestedRegion": region,
    "aws:PrincipalArn": principal.roleArn!,
    "aws:userid": principal.id,
    ...(principal.sourceIdentity && { "aws:SourceIdentity": principal.sourceIdentity }),
    ...context,
  });
  const keyPolicyOfResource = keyPolicies.get(resource);
  return evaluate(
    { action, resource, principal, lookup, resourceMustAllow: keyPolicyOfResource !== undefined },
    { ...policies, resource: keyPolicyOfResource },
  ).allowed;
}

describe("the matrix of roles and actions", () => {
  it("has at least 40 actions, every role but those of releases, and an answer in every cell", () => {
    assert.ok(new Set(rows.map(({ action }) => action)).size >= 40);
    for (const row of rows)
      for (const [column, cell] of Object.entries(row.cells))
        assert.match(cell, /^(-|(?=.)d?s?p?)$/, `${probeName(row)}, ${column}`);
    for (const environment of environments)
      for (const role of roles)
        assert.equal(
          role in allRoles(scopes[environment]),
          homesOf(role).includes(environment),
          `${role} in ${environment}`,
        );
  });

  it("has a request for every row, and no other", () => {
    assert.deepEqual(unmatched(), []);
  });

  it("is what the evaluator says of the rendered policies, in every cell", () => {
    const targets = Object.fromEntries(
      environments.map((name) => [
        name,
        targetOf(scopes[name], { data: scopes[name].arns.key(name), approvals: approvalKey(name), log: logKey(name) }),
      ]),
    );
    const wrong = cells.filter((cell) => {
      const needs = probes[probeName(cell.row)]!.needs(targets[cell.to]!);
      assert.equal(needs[0]!.action, cell.row.action);
      return needs.every((need) => allowed(holderOf(cell), need)) !== (cell.expected === "allowed");
    });
    assert.deepEqual(
      wrong.map((cell) => `${inWords(cell)} should be ${cell.expected}`),
      [],
    );
  });
});

describe("the matrix as real requests", function () {
  let account: GovernedAccount;
  const clients = new Map<string, Clients>();
  let answers: Answer[];

  before(async () => {
    account = await GovernedAccount.start();
    for (const role of roles)
      for (const environment of homesOf(role))
        clients.set(
          `${role} ${environment}`,
          clientsOf(await account.session(role, environment), {
            region: account.local.cloud.region,
            endpoint: account.local.url,
          }),
        );
    answers = await execute(cells, account.targets, ({ role, from }) => clients.get(`${role} ${from}`)!);
  });
  after(async () => {
    for (const each of clients.values()) close(each);
    await account?.stop();
  });

  it("is what the local cloud answers to the signed request of each role, in every cell", () => {
    assert.deepEqual(differences(answers), []);
    assert.equal(answers.length, cells.length);
  });

  it("asks for nothing that the local cloud does not implement", () => {
    assert.deepEqual([...account.local.cloud.unimplemented.keys()], []);
  });

  it("changes nothing", async () => {
    const made = (await account.local.cloud.inventory()).map(({ arn }) => arn).filter((arn) => arn.includes("probe"));
    assert.deepEqual(made, []);
  });

  it("has people refused in AWS's words", () => {
    const refused = answers.filter(({ cell, actual }) => actual === "denied" && peopleOfMatrix.includes(cell.role));
    const other = refused.filter(
      ({ message }) =>
        !/is not authorized to perform: [\w-]+:\w+ on resource: .+ (with an explicit deny in a|because no )|assumed-role|DryRun/.test(
          message,
        ),
    );
    assert.deepEqual(
      other.map(({ cell, message }) => `${inWords(cell)}: ${message}`),
      [],
    );
  });
});
