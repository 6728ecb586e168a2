import assert from "node:assert/strict";
import { environments } from "../../contract/environments";
import { isKeyOf, keyAliases } from "../../contract/keys";
import {
  alertTopic,
  artifactsBucket,
  detectorName,
  environmentPath,
  feedbackFunction,
  jobPrefix,
  releaseParameter,
  roleArn,
  roleName,
  roleOfArn,
  trackingName,
} from "../../contract/names";
import { readVariables } from "../../contract/variables";
import { nameLimits, Names, type NamedType } from "../../infra/naming";
import { accountId, scopeOf } from "../support/scope";

describe("names that several parts say", () => {
  for (const environment of environments) {
    const names = new Names(environment);

    it(`of ${environment} are those that the program's naming would give, within its limits`, () => {
      const pairs: readonly (readonly [string, NamedType, ...string[]])[] = [
        [artifactsBucket(environment, accountId), "bucket", "artifacts", accountId],
        [detectorName(environment), "endpoint", "detector"],
        [detectorName(environment), "modelPackageGroup", "detector"],
        [trackingName(environment), "mlflowApp", "tracking"],
        [feedbackFunction(environment), "function", "feedback"],
        [jobPrefix(environment, "TrainDetector"), "jobPrefix", "run", "TrainDetector"],
        [alertTopic(environment, "critical"), "topic", "alerts-critical"],
        [roleName(environment, "studio-data-scientist"), "role", "studio-data-scientist"],
      ];
      for (const [name, type, ...parts] of pairs) assert.equal(name, names.of(type, ...parts));
      for (const alias of Object.values(keyAliases(environment))) {
        assert.ok(alias.length <= nameLimits.keyAlias, alias);
        assert.ok(isKeyOf(environment, alias.replace("alias/", "")), alias);
      }
    });

    it(`of ${environment} are its scope's`, () => {
      const scope = scopeOf(environment);
      assert.equal(scope.artifactsBucket, artifactsBucket(environment, accountId));
      assert.equal(scope.releaseParameter, releaseParameter(environment));
      assert.equal(scope.rolePath, environmentPath(environment));
      assert.equal(scope.roleArn("auditor"), roleArn(environment, "auditor", accountId));
    });
  }

  it("tell whose a role is, and that another's is nobody's", () => {
    assert.deepEqual(roleOfArn(roleArn("prod", "release-build", accountId)), {
      environment: "prod",
      role: "release-build",
    });
    assert.equal(roleOfArn(`arn:aws:iam::${accountId}:role/admin`), undefined);
    assert.ok(!isKeyOf("prod", "peregrine-production"));
  });
});

describe("the variables of a handler", () => {
  it("are read together, and missing ones are named together", () => {
    const variables = { RELEASE_PROJECT: "p", REGISTRY: "dev", RELEASE_TARGETS: "staging,prod" };
    assert.deepEqual(readVariables("start-release", { ...variables, PATH: "/bin" }), variables);
    assert.throws(() => readVariables("start-release", { REGISTRY: "dev" }), /no RELEASE_PROJECT, RELEASE_TARGETS in/);
  });
});
