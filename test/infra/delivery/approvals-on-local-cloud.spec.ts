import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import AdmZip from "adm-zip";
import { approvedPattern } from "../../../infra/delivery/rules";
import { approvalQueuePolicy } from "../../../infra/delivery/release-requests";
import { Scope } from "../../../infra/scope";
import { policyDocument } from "../../../infra/identity/document";
import { startRequests } from "../../../infra/identity/roles/release";
import type { Members } from "../../../local/members";
import { Account, ACCOUNT, commands } from "../../local/services/codebuild/account";
import { eventually } from "../../support/eventually";
import { settingsOf } from "../../support/scope";

const scope = new Scope(settingsOf("dev"), { accountId: ACCOUNT, partition: "aws" });
const project = scope.releaseProject;
const bundle = join(__dirname, "..", "..", "..", "functions", "dist", "start-release", "index.js");

/**
 * The way of an approval as the program makes it: rule, queue with its policy, function with its role, and a project
 * that takes one build at a time.
 */
describe("approvals, from the registry to their builds", function () {
  let account: Account;
  let url: string;
  const arns: string[] = [];

  const approve = (arn: string): Promise<Members> =>
    account.call("sagemaker", "UpdateModelPackage", { ModelPackageArn: arn, ModelApprovalStatus: "Approved" });
  const builds = async (): Promise<Members[]> => {
    const { ids } = await account.codebuild("ListBuildsForProject", { projectName: project, sortOrder: "ASCENDING" });
    return ids.length === 0 ? [] : ((await account.codebuild("BatchGetBuilds", { ids })).builds as Members[]);
  };
  const variable = (build: Members, wanted: string): string =>
    (build["environment"].environmentVariables as Members[]).find(({ name }) => name === wanted)?.["value"] as string;
  const depth = async (queueUrl: string): Promise<number> => {
    const { Attributes } = await account.call("sqs", "GetQueueAttributes", {
      QueueUrl: queueUrl,
      AttributeNames: ["All"],
    });
    return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
  };

  before(async () => {
    account = await Account.open({ speed: 300 });
    const buildRole = await account.buildRole("builder");
    await account.project(project, buildRole, commands("sleep 1"), {
      concurrentBuildLimit: 1,
      environment: {
        type: "LINUX_CONTAINER",
        image: "aws/codebuild/standard:7.0",
        computeType: "BUILD_GENERAL1_MEDIUM",
        environmentVariables: [{ name: "RELEASE_TARGETS", value: "staging,prod" }],
      },
    });
    ({ QueueUrl: url } = (await account.call("sqs", "CreateQueue", {
      QueueName: scope.approvalQueue,
      Attributes: { VisibilityTimeout: "180", Policy: policyDocument(approvalQueuePolicy(scope)) },
    })) as { QueueUrl: string });
    const duties = startRequests(scope, []).map(({ Effect, Action, Resource, Condition }) => ({
      Effect,
      Action,
      Resource,
      Condition,
    }));
    const role = await account.role("starter", duties, "lambda.amazonaws.com");
    const zip = new AdmZip();
    zip.addFile("index.js", readFileSync(bundle));
    const FunctionName = scope.names.of("function", "start-release");
    await account.call("lambda", "CreateFunction", {
      FunctionName,
      Role: role,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Timeout: 30,
      Code: { ZipFile: zip.toBuffer() },
      Environment: { Variables: { RELEASE_PROJECT: project, REGISTRY: "dev", RELEASE_TARGETS: "staging,prod" } },
    });
    await account.call("lambda", "CreateEventSourceMapping", {
      EventSourceArn: scope.arns.queue(scope.approvalQueue),
      FunctionName,
      BatchSize: 1,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
    const Name = scope.names.of("eventRule", "release", "approved");
    await account.call("events", "PutRule", { Name, EventPattern: JSON.stringify(approvedPattern(scope)) });
    await account.call("events", "PutTargets", {
      Rule: Name,
      Targets: [{ Id: "release", Arn: scope.arns.queue(scope.approvalQueue) }],
    });
    await account.call("sagemaker", "CreateModelPackageGroup", { ModelPackageGroupName: scope.modelPackageGroup });
    const specification = {
      Containers: [
        {
          Image: "111122223333.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml:1",
          ModelDataUrl: "s3://bucket/model.tar.gz",
        },
      ],
      SupportedContentTypes: ["image/jpeg"],
      SupportedResponseMIMETypes: ["application/json"],
    };
    for (let count = 0; count < 3; count += 1)
      arns.push(
        (
          await account.call("sagemaker", "CreateModelPackage", {
            ModelPackageGroupName: scope.modelPackageGroup,
            InferenceSpecification: specification,
            ModelApprovalStatus: "PendingManualApproval",
          })
        ).ModelPackageArn as string,
      );
  });
  after(() => account?.close());

  it("each get their build though the project takes one at a time, and an event that comes twice gets no second one", async () => {
    // At once, by the fault, and later as well: this cloud is fast enough to bring the registry's events twice by
    // itself.
    account.local.cloud.faults.add({ kind: "repeated-event", detailType: "SageMaker Model Package State Change" });
    for (const arn of arns) await approve(arn);
    const done = await eventually(async () => {
      const all = await builds();
      assert.ok(all.length >= arns.length);
      assert.equal(await depth(url), 0, `${all.length} builds`);
      assert.ok(all.every(({ buildComplete }) => buildComplete));
      return all;
    });
    assert.deepEqual(done.map((build) => variable(build, "MODEL_PACKAGE_ARN")).sort(), [...arns].sort());
    assert.deepEqual(
      done.map(({ buildStatus }) => buildStatus),
      ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"],
    );
    const [times, ends] = [
      done.map(({ startTime }) => Number(startTime)).sort(),
      done.map(({ endTime }) => Number(endTime)).sort(),
    ];
    for (const [index, start] of times.entries())
      if (index > 0) assert.ok(start >= ends[index - 1]!, "two builds ran at a time");
  });

  it("are not what anybody else sends to their queue, the account's administrator included", async () => {
    await assert.rejects(
      account.call(
        "sqs",
        "SendMessage",
        { QueueUrl: url, MessageBody: "{}" },
        await account.user("admin", [{ Effect: "Allow", Action: "*", Resource: "*" }]),
      ),
      /not authorized to perform: sqs:sendmessage.*explicit deny/is,
    );
  });

  it("are not edits of an approved package", async () => {
    const before = (await builds()).length;
    await account.call("sagemaker", "UpdateModelPackage", {
      ModelPackageArn: arns[0],
      CustomerMetadataProperties: { note: "looked at" },
    });
    await approve(arns[1]!);
    await eventually(async () => assert.equal((await builds()).length, before + 1));
    assert.equal(variable((await builds()).at(-1)!, "MODEL_PACKAGE_ARN"), arns[1]);
  });
});
