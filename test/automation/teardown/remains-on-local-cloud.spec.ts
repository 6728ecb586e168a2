import assert from "node:assert/strict";
import { join } from "node:path";
import {
  CreateLogGroupCommand,
  CloudWatchLogsClient,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  CreatePolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { CreateTopicCommand, DeleteTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { logRetentionCheck } from "../../../automation/doctor/logs";
import { endlessLogGroups, remainsOf } from "../../../automation/teardown/remains";
import { environmentTags } from "../../../contract/names";
import { taggedResources } from "../../../aws/tagging";
import type { LocalCloud } from "../../../local/server";
import { enter, sdkConfig, startTestCloud } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";

/** On a cloud that says late what is gone, as AWS does. */
describe("what an environment leaves", function () {
  const folder = makeTemporaryFolder();
  const tags = environmentTags("dev");
  let local: LocalCloud;
  let leave: () => void;
  const session = () => ({ profile: "ab", region: local.cloud.region });
  const remains = async (waited: string[] = []) => remainsOf(session(), "dev", [], (what) => void waited.push(what));

  before(async () => {
    local = await startTestCloud({ speed: 60 });
    leave = enter(local, join(folder, "aws"));
  });
  after(async () => {
    leave?.();
    await local?.stop();
  });

  it("is waited for while it is only listed still", async () => {
    const sns = new SNSClient(sdkConfig(local));
    const { TopicArn } = await sns.send(
      new CreateTopicCommand({
        Name: "peregrine-dev-alerts",
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
    await sns.send(new DeleteTopicCommand({ TopicArn }));
    assert.deepEqual(await taggedResources(session(), tags), [TopicArn]);
    const waited: string[] = [];
    assert.deepEqual(await remains(waited), { left: [], pendingKeys: [] });
    assert.match(waited[0]!, /^waiting for 1 resources that are still listed, such as arn:aws:sns:/);
  });

  it("does not count a key that waits for its deletion, and tells until when it can be had back", async () => {
    const kms = new KMSClient(sdkConfig(local));
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({ Tags: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })) }),
    );
    const { DeletionDate } = await kms.send(
      new ScheduleKeyDeletionCommand({ KeyId: KeyMetadata!.KeyId!, PendingWindowInDays: 7 }),
    );
    assert.deepEqual(await taggedResources(session(), tags), [KeyMetadata!.Arn]);
    assert.deepEqual(await remains(), {
      left: [],
      pendingKeys: [{ arn: KeyMetadata!.Arn, until: DeletionDate!.toISOString() }],
    });
  });

  it("are its roles and policies as well, which no Region of the tagging API but us-east-1 knows, and of roles none", async () => {
    const iam = new IAMClient(sdkConfig(local));
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const trust = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
    });
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: "peregrine-dev-forgotten",
        Path: "/peregrine/dev/",
        AssumeRolePolicyDocument: trust,
        Tags,
      }),
    );
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" }],
    });
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: "peregrine-dev-forgotten", Path: "/peregrine/dev/", PolicyDocument, Tags }),
    );
    const listed = async (region: string) =>
      (await taggedResources({ ...session(), region }, tags)).filter((arn) => arn.includes(":iam:"));
    assert.deepEqual([await listed("eu-central-1"), await listed("us-east-1")], [[], [Policy!.Arn]]);
    const looking = remains();
    await iam.send(new DeleteRoleCommand({ RoleName: Role!.RoleName! }));
    await iam.send(new DeletePolicyCommand({ PolicyArn: Policy!.Arn! }));
    assert.deepEqual((await looking).left, []);
  });

  it("names SageMaker's own log groups that keep everything without an end", async () => {
    const logs = new CloudWatchLogsClient(sdkConfig(local));
    for (const logGroupName of ["/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs"])
      await logs.send(new CreateLogGroupCommand({ logGroupName }));
    await logs.send(
      new PutRetentionPolicyCommand({ logGroupName: "/aws/sagemaker/ProcessingJobs", retentionInDays: 30 }),
    );
    assert.deepEqual(
      (await endlessLogGroups(session())).map(({ name }) => name),
      ["/aws/sagemaker/TrainingJobs"],
    );
    assert.deepEqual(await logRetentionCheck(session(), 90), {
      level: "warning",
      text: "/aws/sagemaker/TrainingJobs keeps for ever what jobs and apps of the whole account write",
      cure: "aws logs put-retention-policy --log-group-name /aws/sagemaker/TrainingJobs --retention-in-days 90",
    });
    await logs.send(
      new PutRetentionPolicyCommand({ logGroupName: "/aws/sagemaker/TrainingJobs", retentionInDays: 90 }),
    );
    assert.deepEqual(await logRetentionCheck(session(), 90), {
      level: "ok",
      text: "/aws/sagemaker/TrainingJobs 90 days; /aws/sagemaker/ProcessingJobs 30 days; not there yet: /aws/sagemaker/studio",
      cure: "",
    });
  });
});
