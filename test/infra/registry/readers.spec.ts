import assert from "node:assert/strict";
import { programOf } from "../../support/programs";

const two = { "peregrine:readerAccountIds": '["222222222222","333333333333"]' };
const roots = ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"];

type Statement = {
  Sid: string;
  Principal: { AWS?: unknown };
  Action: string[];
  Resource?: string[];
  Condition?: unknown;
};
const statements = (text: string): Statement[] =>
  (JSON.parse(text) as { Statement: Statement[] }).Statement.filter(({ Sid }) => Sid.startsWith("Readers"));

describe("environments in other accounts", () => {
  it("read packages, evidence and image of the registry, and nothing else", async () => {
    const recorder = await programOf("dev", two);
    const policies = [
      recorder.one("aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy").inputs["resourcePolicy"],
      recorder.one("aws:s3/bucketPolicy:BucketPolicy", "peregrine-dev-storage-artifacts-policy").inputs["policy"],
      recorder.one("aws:kms/key:Key", "peregrine-dev-keys-key").inputs["policy"],
      recorder.one("aws:kms/key:Key", "peregrine-dev-approvals-key").inputs["policy"],
      recorder.one("aws:ecr/repositoryPolicy:RepositoryPolicy").inputs["policy"],
    ].flatMap(statements);
    assert.equal(policies.length, 6);
    for (const { Principal, Action } of policies) {
      assert.deepEqual(Principal, { AWS: roots });
      assert.deepEqual(
        Action.filter((action) => !/:(Describe|List|Get|BatchGet|BatchCheck|Decrypt|Verify)/.test(action)),
        [],
      );
    }
    assert.deepEqual(
      policies.find(({ Sid }) => Sid === "ReadersReadEvidence")!.Resource,
      ["runs/*", "champion/*", "approvals/*"].map((key) => `arn:aws:s3:::peregrine-dev-artifacts-123456789012/${key}`),
    );
    assert.deepEqual(policies.find(({ Sid }) => Sid === "ReadersOpenEvidence")!.Condition, {
      StringEquals: { "kms:ViaService": "s3.eu-central-1.amazonaws.com" },
    });
  });

  it("are nobody's business where all are in one account", async () => {
    const recorder = await programOf("dev");
    assert.ok(
      !recorder.resources.some(({ inputs }) => JSON.stringify(inputs).includes('"Readers')),
      "no statement for readers",
    );
    assert.equal(recorder.ofType("aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy").length, 0);
  });

  it("take the image from the account that holds it", async () => {
    const recorder = await programOf("prod", { "peregrine:imageAccountId": "111111111111" });
    assert.match(
      recorder.one("aws:sagemaker/pipeline:Pipeline", "peregrine-prod-training-pipeline").inputs["pipelineDefinition"],
      /111111111111\.dkr\.ecr\.eu-central-1\.amazonaws\.com\/peregrine-ml/,
    );
    assert.match(
      recorder.one("aws:iam/rolePolicy:RolePolicy", "peregrine-prod-identity-endpoint-execution-duties").inputs[
        "policy"
      ],
      /arn:aws:ecr:eu-central-1:111111111111:repository\/peregrine-ml/,
    );
  });

  it("never collide: global names carry the account, all others the environment", async () => {
    const names = new Map<string, string>();
    for (const stack of ["dev", "staging", "prod"])
      for (const { type, inputs } of (await programOf(stack)).resources) {
        const name = inputs["name"] as string | undefined;
        if (!type.startsWith("aws:") || !name || /rolePolicy:|repository:/.test(type)) continue;
        // Queues of requests are the registry's, one for each environment that it releases to, and those of witnesses theirs.
        assert.ok(
          name.includes(stack) || /^peregrine-requests-(staging|prod|witness-\w+)$/.test(name),
          `${type} ${name}`,
        );
        assert.equal(
          names.get(`${type} ${name}`),
          undefined,
          `${type} ${name} is in ${names.get(`${type} ${name}`)} as well`,
        );
        names.set(`${type} ${name}`, stack);
      }
    assert.ok(names.size > 100);
  });
});
