import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { LambdaClient } from "@aws-sdk/client-lambda";
import AdmZip from "adm-zip";
import { answerLabel, feedbackReceipt, feedbackRefusal, groundTruthLine } from "../../../contract/labels";
import { FunctionUrl } from "../../../aws/function-url";
import type { MatrixRole } from "../../../automation/roles/matrix/expected";
import type { Members } from "../../../local/members";
import { GovernedAccount } from "../../automation/roles/account";
import { sdkConfig } from "../../local/support";
import { eventually } from "../../support/eventually";
import { scopeOf } from "../../support/scope";

const scope = scopeOf("prod");
const FunctionName = scope.names.of("function", "feedback");
const logGroupName = `/aws/lambda/${FunctionName}`;
const bundle = join(__dirname, "..", "..", "..", "functions", "dist", "feedback", "index.js");

/** The deployed function behind its URL, under the roles of the program: an ML engineer's words become ground truth. */
describe("feedback on the local cloud", function () {
  let account: GovernedAccount;

  const administer = async (service: string, operation: string, input: Members): Promise<Members> => {
    const { cloud, administrator } = account.local;
    return (await cloud.call(service, operation, input, {
      principal: administrator.principal,
      sourceIp: "127.0.0.1",
      userAgent: "test",
    })) as Members;
  };
  const urlAs = async (role: MatrixRole, RoleSessionName?: string): Promise<FunctionUrl> => {
    const session = RoleSessionName
      ? await account.take(scope.roleArn(role), "ben", { RoleSessionName, SourceIdentity: "ben" })
      : await account.session(role, "prod");
    const client = new LambdaClient({
      endpoint: account.local.url,
      region: account.local.cloud.region,
      credentials: session,
      maxAttempts: 1,
    });
    return new FunctionUrl(client, FunctionName);
  };

  before(async () => {
    account = await GovernedAccount.start();
    const zip = new AdmZip();
    zip.addFile("index.js", readFileSync(bundle));
    await administer("lambda", "UpdateFunctionCode", { FunctionName, ZipFile: zip.toBuffer() });
    await administer("lambda", "UpdateFunctionConfiguration", {
      FunctionName,
      Timeout: 30,
      Environment: { Variables: { ARTIFACTS_BUCKET: scope.artifactsBucket, ENDPOINT_NAME: scope.endpointName } },
    });
    await new CloudWatchLogsClient(sdkConfig(account.local)).send(new CreateLogGroupCommand({ logGroupName }));
    await administer("lambda", "DeleteFunctionConcurrency", { FunctionName });
    await administer("s3", "PutBucketEncryption", {
      Bucket: scope.artifactsBucket,
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: {
              SSEAlgorithm: "aws:kms",
              KMSMasterKeyID: account.targets.prod.keyArn,
            },
          },
        ],
      },
    });
  });
  after(() => account.stop());

  it("is stored as ground truth, by whom the signature names", async () => {
    const url = await urlAs("ml-engineer");
    const boxes = [{ class: "tree", box: [1, 2, 30, 40] }];
    const { status, body } = await url.post({ labels: [{ inferenceId: "flight-7/0001", boxes }] });
    assert.equal(status, 200, body);
    const { accepted, key, by } = feedbackReceipt.parse(JSON.parse(body));
    assert.deepEqual([accepted, by], [1, "peregrine-prod-ml-engineer/ben"]);
    assert.match(key, /^labels\/peregrine-prod-detector\/\d{4}\/\d\d\/\d\d\/\d\d\/[\w-]+\.jsonl$/);
    const { Body } = await administer("s3", "GetObject", { Bucket: scope.artifactsBucket, Key: key });
    const line = groundTruthLine.parse(JSON.parse(String(Body)));
    const label = answerLabel.parse(JSON.parse(line.groundTruthData.data));
    assert.deepEqual([line.eventMetadata.eventId, label.by], ["flight-7/0001", by]);
    const logs = new CloudWatchLogsClient(sdkConfig(account.local));
    await eventually(async () => {
      const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
      assert.match(JSON.stringify(events), /stored 1 labels of peregrine-prod-ml-engineer\/ben/);
    }, 30_000);
  });

  it("tells every problem, and stores nothing then", async () => {
    const { status, body } = await (await urlAs("ml-engineer")).post({ labels: [{ inferenceId: "f/1" }, 7] });
    assert.equal(status, 400);
    assert.equal(feedbackRefusal.parse(JSON.parse(body)).count, 2);
  });

  it("is refused in a session that is called otherwise than its person", async () => {
    const { status } = await (await urlAs("ml-engineer", "somebody-else")).post({ labels: [] }, 1);
    assert.equal(status, 403);
  });

  for (const role of ["approver", "auditor"] as const)
    it(`is not for ${role}s`, async () => {
      await assert.rejects((await urlAs(role)).post({ labels: [] }, 1), { name: "AccessDeniedException" });
    });
});
