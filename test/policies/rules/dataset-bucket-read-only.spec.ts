import assert from "node:assert/strict";
import { policyDocument } from "../../../infra/identity/document";
import { permissionsBoundary } from "../../../infra/identity/documents/boundary";
import { humanRoles } from "../../../infra/identity/human-roles";
import { serviceRoles } from "../../../infra/identity/roles";
import { datasetBucketReadOnly as rule } from "../../../policies/rules/dataset-bucket-read-only";
import { judge, unknownText } from "../../support/policy";
import { scopeOf } from "../../support/scope";

const dataset = "lucaskle-ab3-project-pv";
const rolePolicy = "aws:iam/rolePolicy:RolePolicy";
const grant = (action: string, resource: string) => ({ policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action: action, Resource: resource }] }) });

describe("dataset-bucket-read-only", () => {
  it("refuses to own or change the bucket", () => {
    for (const type of ["bucket:Bucket", "bucketPolicy:BucketPolicy", "bucketNotification:BucketNotification", "bucketObjectv2:BucketObjectv2", "bucketVersioning:BucketVersioning"])
      assert.equal(judge(rule, `aws:s3/${type}`, { bucket: dataset }).violations.length, 1, type);
  });

  it("is content with other buckets", () => {
    assert.deepEqual(judge(rule, "aws:s3/bucket:Bucket", { bucket: "peregrine-dev-artifacts-1" }).violations, []);
  });

  it("refuses permissions to write, however they are written", () => {
    assert.match(judge(rule, rolePolicy, grant("s3:PutObject", `arn:aws:s3:::${dataset}/*`)).violations.join(), /s3:PutObject on the dataset bucket/);
    assert.ok(judge(rule, rolePolicy, grant("s3:Put*", `arn:aws:s3:::${dataset}/flights/*`)).violations.length > 0);
    assert.ok(judge(rule, rolePolicy, grant("S3:*", "arn:aws:s3:::*")).violations.length > 0);
    assert.ok(judge(rule, rolePolicy, grant("*", "*")).violations.length > 0);
  });

  it("is content with permissions to read", () => {
    assert.deepEqual(judge(rule, rolePolicy, grant("s3:Get*", `arn:aws:s3:::${dataset}/*`)).violations, []);
  });

  it("is content with all of our roles and with the permissions boundary", () => {
    const scope = scopeOf("dev");
    for (const [name, role] of Object.entries({ ...serviceRoles(scope), ...humanRoles(scope) }))
      assert.deepEqual(judge(rule, rolePolicy, { policy: policyDocument(Object.values(role!.duties).flat()) }).violations, [], name);
    assert.deepEqual(judge(rule, "aws:iam/policy:Policy", { policy: policyDocument(permissionsBoundary(scope)) }).violations, []);
  });

  it("says nothing about other resources", () => {
    assert.ok(judge(rule, "aws:sns/topic:Topic", {}).notApplicable);
  });

  it("is stopped, not silenced, by what a preview does not know", () => {
    assert.ok(judge(rule, "aws:s3/bucketPolicy:BucketPolicy", { bucket: unknownText }).stoppedBy);
    assert.ok(judge(rule, rolePolicy, { policy: unknownText }).stoppedBy);
  });
});
