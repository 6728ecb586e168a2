import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import {
  CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  GetTrailStatusCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from "@aws-sdk/client-cloudtrail";
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, DeleteTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { isTrailFile, trailFile, type TrailRecord } from "../../../../contract/trail";
import type { LocalCloud } from "../../../../local/server";
import { eventually } from "../../../support/eventually";
import { makeTemporaryFolder } from "../../../support/temporary-folder";
import { sdkConfig, startTestCloud } from "../../support";

const account = "111122223333";
const bucket = "trail-files";
const topic = (name: string) => `arn:aws:sns:eu-central-1:${account}:${name}`;

describe("a trail's log files", function () {
  this.slow(30_000);
  for (const kept of [true, false])
    describe(kept ? "of a cloud that keeps its state" : "of a cloud in memory", () => {
      let local: LocalCloud;
      let s3: S3Client;
      let trails: CloudTrailClient;
      let topics: SNSClient;

      before(async () => {
        local = await startTestCloud({ speed: 3600, ...(kept ? { stateDir: makeTemporaryFolder("trail") } : {}) });
        s3 = new S3Client({ ...sdkConfig(local), forcePathStyle: true });
        trails = new CloudTrailClient(sdkConfig(local));
        topics = new SNSClient(sdkConfig(local));
        await s3.send(
          new CreateBucketCommand({
            Bucket: bucket,
            CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
          }),
        );
        await allow();
        await trails.send(new CreateTrailCommand({ Name: "audit", S3BucketName: bucket }));
      });
      after(() => local?.stop());

      const allow = () =>
        s3.send(
          new PutBucketPolicyCommand({
            Bucket: bucket,
            Policy: JSON.stringify({
              Version: "2012-10-17",
              Statement: [
                {
                  Effect: "Allow",
                  Principal: { Service: "cloudtrail.amazonaws.com" },
                  Action: ["s3:GetBucketAcl", "s3:PutObject"],
                  Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/AWSLogs/${account}/*`],
                  Condition: {
                    StringEquals: { "aws:SourceArn": `arn:aws:cloudtrail:eu-central-1:${account}:trail/audit` },
                  },
                },
              ],
            }),
          }),
        );
      const delivered = async (): Promise<TrailRecord[]> => {
        const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
        const files = Contents.map(async ({ Key }) => {
          assert.ok(isTrailFile(Key!), Key);
          const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
          return trailFile.parse(JSON.parse(gunzipSync(await Body!.transformToByteArray()).toString("utf8"))).Records;
        });
        return (await Promise.all(files)).flat();
      };
      const topicsIn = (records: readonly TrailRecord[]) =>
        records
          .filter(({ eventName }) => /Topic$/.test(eventName))
          .map(({ eventName, errorCode }) => `${eventName}${errorCode ? ` ${errorCode}` : ""}`);

      it("hold what is called while it logs, and nothing before", async () => {
        await topics.send(new CreateTopicCommand({ Name: "before" }));
        await trails.send(new StartLoggingCommand({ Name: "audit" }));
        await topics.send(new CreateTopicCommand({ Name: "one" }));
        await topics.send(new DeleteTopicCommand({ TopicArn: topic("one") }));
        const records = await eventually(async () => {
          const found = await delivered();
          assert.deepEqual(topicsIn(found), ["CreateTopic", "DeleteTopic"]);
          return found;
        }, 30_000);
        assert.ok(records.every((record) => !("recordedBy" in record)));
        const { LatestDeliveryTime, LatestDeliveryError } = await trails.send(
          new GetTrailStatusCommand({ Name: "audit" }),
        );
        assert.ok(LatestDeliveryTime && LatestDeliveryError === undefined);
      });

      it("come later when the bucket refuses them, and the trail says so meanwhile", async () => {
        await s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
        await topics.send(new CreateTopicCommand({ Name: "two" }));
        await eventually(async () => {
          const status = await trails.send(new GetTrailStatusCommand({ Name: "audit" }));
          assert.equal(status.LatestDeliveryError, "AccessDenied");
        }, 30_000);
        await allow();
        await eventually(async () => assert.equal(topicsIn(await delivered()).length, 3), 30_000);
      });

      it("end with the call that stops the trail", async () => {
        await trails.send(new StopLoggingCommand({ Name: "audit" }));
        await topics.send(new CreateTopicCommand({ Name: "after" }));
        const records = await eventually(async () => {
          const found = await delivered();
          assert.ok(found.some(({ eventName }) => eventName === "StopLogging"));
          return found;
        }, 30_000);
        assert.equal(topicsIn(records).length, 3);
        assert.equal(new Set(records.map(({ eventID }) => eventID)).size, records.length);
        await trails.send(new DeleteTrailCommand({ Name: "audit" }));
      });
    });
});
