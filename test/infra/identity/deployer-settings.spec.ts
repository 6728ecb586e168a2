import { strict as assert } from "node:assert";
import { boundaries } from "../../../infra/identity/boundaries";
import { ciRoles } from "../../../infra/identity/ci-roles";
import { budgetRole } from "../../../infra/identity/launching-roles";
import { humanRoles } from "../../../infra/identity/human-roles";
import { trustOf } from "../../../infra/identity/identity";
import { releaseRoles } from "../../../infra/identity/release-roles";
import type { RoleDescription } from "../../../infra/identity/roles";
import { keyPolicy } from "../../../infra/keys/key-policy";
import { scopeOf } from "../../support/scope";

/** What a deployer may not change: roles of people, workflows, release builds and the budget, all boundaries, the key's policy. */
function reserved(changes: Record<string, string>): string {
  const scope = scopeOf("staging", Object.fromEntries(Object.entries(changes).map(([name, value]) => [`peregrine:${name}`, value])));
  const budget = budgetRole(scope);
  const roles: Record<string, RoleDescription> = { ...humanRoles(scope), ...ciRoles(scope), ...releaseRoles(scope), ...(budget ? { budget } : {}) };
  return JSON.stringify([Object.entries(roles).map(([name, role]) => [name, role.duties, trustOf(role, scope, name)]), boundaries(scope), keyPolicy(scope)]);
}

/** As docs/going-to-aws.md lists them; of staging, with another value than its own. */
const administrators: Record<string, string> = {
  datasetBucket: "another-bucket",
  servingInstanceType: "ml.g6.xlarge",
  networkMode: "default-vpc",
  flowLogs: "off",
  monitoringMode: "self-hosted",
  budgetStop: "off",
  releaseTargets: "prod",
  ciRepository: "acme/peregrine",
  readerAccountIds: '["444455556666"]',
  keyAdministrators: '["arn:aws:iam::123456789012:role/security"]',
  people: '["ben=approver"]',
  trustedPrincipals: '["arn:aws:iam::123456789012:role/sso"]',
  requireMfa: "true",
};

const deployers: Record<string, string> = {
  captureRetentionDays: "45", logRetentionDays: "60", eventRetentionDays: "100", accessLogs: "true", alertEmail: "team@example.org", monthlyBudgetUsd: "1600", nights: "scale-in", networkMode: "nat",
  trainingInstanceType: "ml.g4dn.xlarge", trainingSpot: "false", trainingMaxHours: "20", epochs: "9", servingMaxInstances: "3", bakeSeconds: "100", imageTag: "0.2.0", studio: "true", trackingMode: "tracking-server", auditTrail: "account",
};

describe("settings that a deployer may change", () => {
  const now = reserved({});
  for (const [name, value] of Object.entries(deployers)) it(`${name}=${value} leaves the rights of people, boundaries and key as they are`, () => assert.equal(reserved({ [name]: value }), now));
  for (const [name, value] of Object.entries(administrators)) it(`${name}=${value} changes rights, and is an administrator's`, () => assert.notEqual(reserved({ [name]: value }), now));
});
