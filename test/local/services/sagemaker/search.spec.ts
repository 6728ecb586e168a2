import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { createAuthoriser } from "../../../../local/iam/authorise";
import { createIam } from "../../../../local/services/iam";
import type { Principal } from "../../../../local/iam/principal";
import { IMAGE, configured, served, startTestCloud, type TestCloud } from "./harness";

describe("SageMaker's Search", () => {
  let test: TestCloud;
  const search = (Resource: string, SearchExpression?: Members, more: Members = {}): Promise<Members> =>
    test.call("Search", { Resource, SearchExpression, ...more });
  const versions = async (expression?: Members, more: Members = {}): Promise<string[]> =>
    (await search("ModelPackage", expression, more)).Results.map(
      ({ ModelPackage }: Members) => `${ModelPackage.ModelPackageGroupName}/${ModelPackage.ModelPackageVersion}`,
    );
  const filter = (Name: string, Value?: string, Operator?: string): Members => ({
    Name,
    ...(Value === undefined ? {} : { Value }),
    ...(Operator ? { Operator } : {}),
  });

  before(async () => {
    test = await startTestCloud({ services: (cloud) => [createIam(cloud)] });
    for (const environment of ["dev", "prod"]) {
      await test.call("CreateModelPackageGroup", {
        ModelPackageGroupName: environment,
        Tags: [{ Key: "environment", Value: environment }],
      });
      for (const mAP of ["0.4", "0.6"]) {
        const InferenceSpecification = {
          Containers: [{ Image: IMAGE, ModelDataUrl: "s3://artifacts/m.tar.gz" }],
          SupportedContentTypes: ["image/jpeg"],
          SupportedResponseMIMETypes: ["application/json"],
        };
        await test.call("CreateModelPackage", {
          ModelPackageGroupName: environment,
          InferenceSpecification,
          ModelApprovalStatus: mAP === "0.6" ? "Approved" : "Rejected",
          CustomerMetadataProperties: { mAP },
        });
      }
    }
    await test.call("CreateModelPackageGroup", { ModelPackageGroupName: "untagged" });
  });
  after(() => test.stop());

  it("answers the whole description of every environment's packages, tags of the group with them", async () => {
    const { Results, TotalHits } = await search("ModelPackage", {
      Filters: [filter("ModelPackageGroupName", "prod"), filter("ModelApprovalStatus", "Approved")],
    });
    assert.deepEqual(TotalHits, { Value: 1, Relation: "EqualTo" });
    const { ModelPackage } = Results[0] as Members;
    assert.equal(ModelPackage.InferenceSpecification.Containers[0].ModelDataUrl, "s3://artifacts/m.tar.gz");
    assert.deepEqual(ModelPackage.Tags, [{ Key: "environment", Value: "prod" }]);
    assert.equal(ModelPackage.CreatedBy.IamIdentity.Arn, "arn:aws:iam::111122223333:root");
  });

  it("filters by every operator, joins by And or Or, and takes expressions in expressions", async () => {
    assert.deepEqual(
      await versions({
        Filters: [filter("CustomerMetadataProperties.mAP", "0.5", "GreaterThan"), filter("Tags.environment", "dev")],
      }),
      ["dev/2"],
    );
    assert.deepEqual(
      await versions({
        Filters: [
          filter("ModelPackageGroupName", "dev", "NotEquals"),
          filter("CustomerMetadataProperties.mAP", "0.4,0.3", "In"),
        ],
      }),
      ["prod/1"],
    );
    assert.deepEqual(
      await versions(
        { Filters: [filter("ModelPackageVersion", "1", "LessThanOrEqualTo")] },
        { SortBy: "ModelPackageGroupName", SortOrder: "Ascending" },
      ),
      ["dev/1", "prod/1"],
    );
    assert.deepEqual(await versions({ Filters: [filter("ApprovalDescription", undefined, "Exists")] }), []);
    assert.equal((await versions({ Filters: [filter("ApprovalDescription", undefined, "NotExists")] })).length, 4);
    assert.equal(
      (await versions({ Filters: [filter("CreationTime", "2020-01-01T00:00:00", "GreaterThan")] })).length,
      4,
    );
    const either = {
      Operator: "Or",
      Filters: [filter("ModelPackageArn", "prod/1", "Contains")],
      SubExpressions: [
        { Filters: [filter("ModelApprovalStatus", "Approved"), filter("ModelPackageGroupName", "dev")] },
      ],
    };
    assert.deepEqual(await versions(either, { SortBy: "ModelPackageGroupName", SortOrder: "Ascending" }), [
      "dev/2",
      "prod/1",
    ]);
    const nested = (...filters: Members[]): Promise<string[]> =>
      versions({ NestedFilters: [{ NestedPropertyName: "Tags", Filters: filters }] });
    assert.equal((await nested(filter("Tags.Key", "environment"), filter("Tags.Value", "dev"))).length, 2);
    assert.equal((await nested(filter("Tags.Key", "environment"), filter("Tags.Value", "staging"))).length, 0);
  });

  it("sorts, the latest changed first unless said otherwise, and pages", async () => {
    const first = await search("ModelPackage", undefined, {
      MaxResults: 3,
      SortBy: "ModelPackageArn",
      SortOrder: "Descending",
    });
    const second = await search("ModelPackage", undefined, {
      MaxResults: 3,
      SortBy: "ModelPackageArn",
      SortOrder: "Descending",
      NextToken: first.NextToken,
    });
    assert.deepEqual(
      [...first.Results, ...second.Results].map(({ ModelPackage }) =>
        ModelPackage.ModelPackageArn.split("/").slice(1).join("/"),
      ),
      ["prod/2", "prod/1", "dev/2", "dev/1"],
    );
    assert.equal(second.NextToken, undefined);
    await test.call("UpdateModelPackage", {
      ModelPackageArn: "arn:aws:sagemaker:eu-central-1:111122223333:model-package/dev/1",
      ApprovalDescription: "later",
    });
    assert.equal((await versions())[0], "dev/1");
  });

  it("finds endpoints, groups and pipelines, and nothing of other accounts", async () => {
    await configured(test, "m");
    await served(test, "drone", "m");
    assert.deepEqual(
      (await search("Endpoint", { Filters: [filter("EndpointStatus", "InService")] })).Results.map(
        ({ Endpoint }: Members) => Endpoint.EndpointName,
      ),
      ["drone"],
    );
    const definition = JSON.stringify({
      Version: "2020-12-01",
      Metadata: {},
      Parameters: [],
      Steps: [{ Name: "End", Type: "Fail", Arguments: { ErrorMessage: "over" } }],
    });
    await test.call("CreatePipeline", {
      PipelineName: "train",
      ClientRequestToken: "x".repeat(32),
      RoleArn: "arn:aws:iam::111122223333:role/pipeline",
      PipelineDefinition: definition,
      Tags: [{ Key: "environment", Value: "dev" }],
    });
    await test.call("StartPipelineExecution", { PipelineName: "train", ClientRequestToken: "y".repeat(32) });
    const [pipeline] = (await search("Pipeline")).Results as Members[];
    assert.deepEqual([pipeline!.Pipeline.PipelineName, pipeline!.Pipeline.PipelineDefinition], ["train", undefined]);
    const executions = (await search("PipelineExecution", { Filters: [filter("Tags.environment", "dev")] }))
      .Results as Members[];
    assert.equal(executions.length, 1);
    assert.deepEqual((await search("ModelPackageGroup")).Results.length, 3);
    assert.deepEqual(
      (await search("ModelPackageGroup", undefined, { CrossAccountFilterOption: "CrossAccount" })).Results,
      [],
    );
    assert.deepEqual((await search("TrainingJob")).Results, []);
  });

  it("hides what has another value of a tag that is asked for, not what has no such tag", async () => {
    const groups = (
      await search("ModelPackageGroup", undefined, {
        VisibilityConditions: [{ Key: "Tags.environment", Value: "dev" }],
      })
    ).Results.map(({ ModelPackageGroup }: Members) => ModelPackageGroup.ModelPackageGroupName);
    assert.deepEqual(groups.sort(), ["dev", "untagged"]);
  });

  it("refuses expressions that SageMaker refuses", async () => {
    assert.match(
      await test.refused("Search", { Resource: "ModelPackage", SearchExpression: {} }),
      /at least one subexpression, filter, or nested filter/,
    );
    assert.match(
      await test.refused("Search", {
        Resource: "ModelPackage",
        SearchExpression: {
          Filters: [filter("ModelPackageArn", "a", "Contains"), filter("ModelPackageArn", "b", "Contains")],
        },
      }),
      /'CONTAINS' operator usage limit of 1 exceeded/,
    );
    const many = (depth: number): Members => ({
      Filters: Array.from({ length: 20 }, () => filter("ModelPackageArn", "a")),
      ...(depth > 0 ? { SubExpressions: [many(depth - 1)] } : {}),
    });
    assert.match(await test.refused("Search", { Resource: "ModelPackage", SearchExpression: many(2) }), /more than 50/);
  });

  it("is all or nothing in IAM, unless a policy demands a visibility condition", async () => {
    const user = async (UserName: string, Condition?: Members): Promise<Principal> => {
      const { User } = await test.call("CreateUser", { UserName }, "iam");
      await test.call(
        "PutUserPolicy",
        {
          UserName,
          PolicyName: "own",
          PolicyDocument: JSON.stringify({
            Version: "2012-10-17",
            Statement: {
              Effect: "Allow",
              Action: "sagemaker:Search",
              Resource: "*",
              ...(Condition ? { Condition } : {}),
            },
          }),
        },
        "iam",
      );
      return { type: "user", arn: User.Arn, accountId: "111122223333", id: User.UserId };
    };
    const everything = await user("everything");
    const limited = await user("limited", {
      StringEquals: { "sagemaker:SearchVisibilityCondition/Tags.environment": "dev" },
    });
    const guided = await user("guided", {
      StringEquals: { "sagemaker:SearchVisibilityCondition/Tags.environment/EqualsIfExists": "dev" },
    });
    const nobody = await user("nobody", { StringEquals: { "aws:username": "else" } });
    const former = test.cloud.authoriser;
    test.cloud.authoriser = createAuthoriser(test.cloud);
    try {
      const as = (principal: Principal, more: Members = {}): Promise<Members> =>
        test.cloud.as(principal, "sagemaker", "Search", { Resource: "ModelPackage", ...more }, "test");
      const dev = { VisibilityConditions: [{ Key: "Tags.environment", Value: "dev" }] };
      assert.equal((await as(everything)).Results.length, 4);
      await assert.rejects(as(nobody), { code: "AccessDeniedException" });
      for (const principal of [limited, guided]) {
        await assert.rejects(as(principal), { code: "AccessDeniedException" });
        await assert.rejects(as(principal, { VisibilityConditions: [{ Key: "Tags.environment", Value: "prod" }] }), {
          code: "AccessDeniedException",
        });
        assert.equal((await as(principal, dev)).Results.length, 2);
      }
      assert.equal((await as(everything, dev)).Results.length, 2, "a condition that no policy speaks of is allowed");
    } finally {
      test.cloud.authoriser = former;
    }
  });
});
