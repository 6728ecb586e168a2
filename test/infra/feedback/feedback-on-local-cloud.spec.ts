import assert from "node:assert/strict";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { FunctionUrl } from "../../../aws/function-url";
import type { MatrixRole } from "../../../automation/roles/matrix/expected";
import { answerLabel, feedbackReceipt, feedbackRefusal, groundTruthLine } from "../../../contract/labels";
import { sdkConfig } from "../../local/support";
import { eventually } from "../../support/eventually";
import { FeedbackAccount, functionName, logGroupName, scope } from "./deployed-feedback";

/** The deployed function behind its URL, under the roles of the program: an ML engineer's words become ground truth. */
describe("feedback on the local cloud", function () {
  let account: FeedbackAccount;

  const urlAs = async (role: MatrixRole, RoleSessionName?: string): Promise<FunctionUrl> => {
    const session = RoleSessionName
      ? await account.governed.take(scope.roleArn(role), "ben", { RoleSessionName, SourceIdentity: "ben" })
      : await account.governed.session(role, "prod");
    const client = new LambdaClient({
      endpoint: account.governed.local.url,
      region: account.governed.local.cloud.region,
      credentials: session,
      maxAttempts: 1,
    });
    return new FunctionUrl(client, functionName);
  };

  before(async () => {
    account = await FeedbackAccount.start();
  });
  after(() => account?.stop());

  it("is stored as ground truth, by whom the signature names", async () => {
    const url = await urlAs("ml-engineer");
    const boxes = [{ class: "tree", box: [1, 2, 30, 40] }];
    const { status, body } = await url.post({ labels: [{ inferenceId: "flight-7/0001", boxes }] });
    assert.equal(status, 200, body);
    const { accepted, key, by } = feedbackReceipt.parse(JSON.parse(body));
    assert.deepEqual([accepted, by], [1, "peregrine-prod-ml-engineer/ben"]);
    assert.match(key, /^labels\/peregrine-prod-detector\/\d{4}\/\d\d\/\d\d\/\d\d\/[\w-]+\.jsonl$/);
    const { Body } = await account.administer("s3", "GetObject", { Bucket: scope.artifactsBucket, Key: key });
    const line = groundTruthLine.parse(JSON.parse(String(Body)));
    const label = answerLabel.parse(JSON.parse(line.groundTruthData.data));
    assert.deepEqual([line.eventMetadata.eventId, label.by], ["flight-7/0001", by]);
    const logs = new CloudWatchLogsClient(sdkConfig(account.governed.local));
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
