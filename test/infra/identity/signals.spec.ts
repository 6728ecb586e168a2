import assert from "node:assert/strict";
import type { RoleDescription } from "../../../infra/identity/roles/role-definition";
import { releaseTargets } from "../../../infra/identity/documents/release";
import { rolloutAlarms } from "../../../infra/serving/alarms";
import { environments } from "../../../contract/environments";
import { goldenMetric } from "../../../contract/golden-metric";
import { allRoles, statementsOf } from "../../../infra/identity/roles/all-roles";
import { scopeOf } from "../../support/scope";

const scopes = environments.map((environment) => scopeOf(environment));
const everybody = scopes.flatMap((scope) =>
  (Object.entries(allRoles(scope)) as [string, RoleDescription][]).map(([name, role]) => ({ name, role, scope })),
);

/** Patterns of resources or condition values, `*` and `?` as IAM reads them. */
function fits(pattern: string, text: string): boolean {
  return new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*/g, ".*")
      .replace(/\?/g, ".")}$`,
  ).test(text);
}

/** Roles that may do something, by a statement with one of these conditions or none. */
function holders(action: string, grants: (statement: ReturnType<typeof statementsOf>[number]) => boolean): string[] {
  return everybody
    .filter(({ role }) =>
      statementsOf(role).some(
        (statement) =>
          statement.Effect === "Allow" && statement.Action.some((one) => fits(one, action)) && grants(statement),
      ),
    )
    .map(({ name, scope }) => `${scope.environment}/${name}`);
}

/** Roles that may publish in a namespace. An operator that this test does not know counts as open. */
function publishers(namespace: string): string[] {
  return holders("cloudwatch:PutMetricData", ({ Condition = {} }) =>
    Object.entries(Condition).every(([operator, keys]) => {
      const wanted = [keys["cloudwatch:namespace"] ?? "*"].flat();
      return operator === "StringEquals"
        ? wanted.includes(namespace)
        : operator !== "StringLike" || wanted.some((one) => fits(one, namespace));
    }),
  );
}

describe("what moves alarms", () => {
  for (const { environment } of scopes)
    it(`of ${environment}'s releases, the release build publishes alone, where it releases there`, () => {
      const builds = scopes.filter((scope) =>
        releaseTargets(scope).some((target) => target.environment === environment),
      );
      assert.deepEqual(
        publishers(goldenMetric(environment).namespace),
        builds.map((scope) => `${scope.environment}/release-build`),
      );
    });

  it("is read by the rollout's alarm of the same environment", () => {
    for (const scope of scopes)
      assert.equal(rolloutAlarms(scope)["rollout-golden"]!.namespace, `Peregrine/${scope.environment}/release`);
  });

  it("of endpoints, only the endpoints' roles publish, whose containers reach no network", () => {
    assert.deepEqual(
      [...new Set(publishers("/aws/sagemaker/Endpoints").map((name) => name.split("/")[1]))],
      ["endpoint-execution"],
    );
  });

  it("of an environment's own, no other environment's roles publish", () => {
    for (const { environment } of scopes)
      for (const namespace of [`Peregrine/${environment}/jobs`, `Peregrine/${environment}/jobs/tiles`]) {
        const found = publishers(namespace);
        assert.ok(found.includes(`${environment}/training-execution`));
        assert.deepEqual(
          found.filter((name) => !name.startsWith(`${environment}/`)),
          [],
        );
      }
  });

  it("nobody publishes in a namespace that belongs to nobody, or to AWS", () => {
    for (const namespace of [
      "Peregrine",
      "Peregrine/release",
      "Peregrine/other/release",
      "AWS/SageMaker",
      "AWS/SQS",
      "/aws/sagemaker/Other",
      "Anything",
    ])
      assert.deepEqual(publishers(namespace), [], namespace);
  });
});

describe("what an environment's bus tells people", () => {
  /** Who puts events there beside the forwarding role: each watches something of its own environment. */
  const watchers: Readonly<Record<string, readonly string[]>> = {
    dev: ["monitoring-execution", "forecast", "retraining", "new-data", "training-failure"],
    staging: ["monitoring-execution", "forecast", "training-failure", "look-at-experiment"],
    prod: ["monitoring-execution", "front-door", "heal", "forecast", "training-failure", "look-at-experiment"],
  };

  it("is put there by its own forwarding role and by its own watchers alone", () => {
    for (const scope of scopes) {
      const bus = scope.arns.events(`event-bus/${scope.names.of("eventBus", "events")}`);
      assert.deepEqual(
        holders("events:PutEvents", ({ Resource = ["*"] }) => Resource.some((one) => fits(one, bus))),
        ["event-forward", ...watchers[scope.environment]!].map((name) => `${scope.environment}/${name}`),
      );
    }
  });
});
