import assert from "node:assert/strict";
import { boundaries } from "../../../infra/identity/boundaries";
import { budgetRole } from "../../../infra/identity/roles/budget";
import { trustOf } from "../../../infra/identity/trust";
import type { RoleDescription } from "../../../infra/identity/roles/role-definition";
import { keyPolicy } from "../../../infra/keys/key-policy";
import { writersOnly } from "../../../infra/identity/writers";
import { artifactsForReaders } from "../../../infra/registry/readers";
import { lifecycleRules } from "../../../infra/storage/storage";
import { allRoles } from "../../../infra/identity/roles/all-roles";
import { scopeOf } from "../../support/scope";

/**
 * What a deployer may not change: roles, boundaries, the key's policy, who may come near buckets and how long they
 * keep, what the trail records, Studio.
 */
function reserved(changes: Record<string, string>): string {
  const scope = scopeOf(
    "staging",
    Object.fromEntries(Object.entries(changes).map(([name, value]) => [`peregrine:${name}`, value])),
  );
  const budget = budgetRole(scope);
  const roles: Record<string, RoleDescription> = { ...allRoles(scope), ...(budget ? { budget } : {}) };
  const kept = [
    writersOnly(scope),
    artifactsForReaders(scope),
    lifecycleRules(scope),
    scope.settings.audit,
    scope.settings.studio,
  ];
  return JSON.stringify([
    Object.entries(roles).map(([name, role]) => [name, role.duties, trustOf(role, scope, name)]),
    boundaries(scope),
    keyPolicy(scope),
    kept,
  ]);
}

/** As docs/going-to-aws.md lists them; of staging, with another value than its own. */
const administrators: Record<string, string> = {
  datasetBucket: "another-bucket",
  networkMode: "default-vpc",
  flowLogs: "off",
  monitoringMode: "off",
  retrainedIn: "staging",
  report: "weekly",
  budgetStop: "off",
  releaseTargets: "prod",
  ciRepository: "acme/peregrine",
  readerAccountIds: '["444455556666"]',
  keyAdministrators: '["arn:aws:iam::123456789012:role/security"]',
  people: '["ben=approver"]',
  trustedPrincipals: '["arn:aws:iam::123456789012:role/sso"]',
  requireMfa: "true",
  captureRetentionDays: "45",
  accessLogs: "true",
  auditTrail: "account",
  trainingInstanceType: "ml.g4dn.xlarge",
  trainingMaxHours: "20",
  studio: "true",
};

const deployers: Record<string, string> = {
  logRetentionDays: "60",
  eventRetentionDays: "100",
  alertEmail: "team@example.org",
  monthlyBudgetUsd: "1600",
  retrainingMonthlyUsd: "200",
  newDataEveryHours: "12",
  nights: "scale-in",
  networkMode: "nat",
  trainingSpot: "false",
  epochs: "9",
  servingMaxInstances: "3",
  bakeSeconds: "100",
  imageTag: "0.2.0",
};

describe("settings that a deployer may change", () => {
  const now = reserved({});
  for (const [name, value] of Object.entries(deployers))
    it(`${name}=${value} leaves the rights of people, boundaries and key as they are`, () =>
      assert.equal(reserved({ [name]: value }), now));
  for (const [name, value] of Object.entries(administrators))
    it(`${name}=${value} changes rights, and is an administrator's`, () =>
      assert.notEqual(reserved({ [name]: value }), now));
});
