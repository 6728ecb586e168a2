import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import AdmZip from "adm-zip";
import { fallBackPrefix } from "../../../contract/monitoring";
import { ledgerKey, lockKey } from "../../../contract/places";
import { releaseRequest, requestQueue } from "../../../contract/release-request";
import { allRoles, statementsOf } from "../../../infra/identity/roles/all-roles";
import { raisedPattern } from "../../../infra/front-door/fall-back";
import { endpointAlarms } from "../../../infra/serving/alarms";
import type { Members } from "../../../local/members";
import { first, ledgerLines, raisedAlarm } from "./two-releases";
import { GovernedAccount } from "../../automation/roles/account";
import { sdkConfig } from "../../local/support";
import { built } from "../../support/build";
import { scopeOf } from "../../support/scope";

const changes = { "peregrine:rollBackByAlarm": "true" };
const scope = scopeOf("staging", changes);
const FunctionName = scope.names.of("function", "start-release-before");
const bus = scope.names.of("eventBus", "events");
const bundle = join(__dirname, "..", "..", "..", "functions", "dist", "start-release-before", "index.js");
const raised = raisedAlarm(scope.names.of("alarm", "detector", "errors"));

/** The function as it is deployed, under the program's role. */
describe("falling back on the local cloud", function () {
  let account: GovernedAccount;
  const call: GovernedAccount["administer"] = (...request) => account.administer(...request);
  const put = (Key: string, Body: string) => call("s3", "PutObject", { Bucket: scope.artifactsBucket, Key, Body });
  const invoke = async (): Promise<string> => {
    const client = new LambdaClient(sdkConfig(account.local));
    const answer = await client.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(raised)) }));
    const text = Buffer.from(answer.Payload!).toString("utf8");
    assert.equal(answer.FunctionError, undefined, text);
    return text;
  };
  const asked = async (): Promise<unknown[]> => {
    const { QueueUrl } = await call("sqs", "GetQueueUrl", { QueueName: requestQueue("staging") });
    const { Messages = [] } = await call("sqs", "ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
    return (Messages as Members[]).map(({ Body }) => releaseRequest.parse(JSON.parse(Body as string)));
  };

  before(async () => {
    account = await GovernedAccount.start({ scopes: { staging: scope } });
    const zip = new AdmZip();
    zip.addFile("index.js", readFileSync(bundle));
    await call("lambda", "CreateFunction", {
      FunctionName,
      Role: scope.roleArn("fall-back"),
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: zip.toBuffer() },
      Timeout: 30,
      Environment: {
        Variables: { ENVIRONMENT: "staging", ARTIFACTS_BUCKET: scope.artifactsBucket, EVENT_BUS: bus },
      },
    });
    const logGroupName = `/aws/lambda/${FunctionName}`;
    await new CloudWatchLogsClient(sdkConfig(account.local)).send(new CreateLogGroupCommand({ logGroupName }));
    const KMSMasterKeyID = account.targets.staging.keyArn;
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID } }];
    const Bucket = scope.artifactsBucket;
    await call("s3", "PutBucketEncryption", { Bucket, ServerSideEncryptionConfiguration: { Rules } });
    await call("events", "CreateEventBus", { Name: bus });
    // The queue is the registry's, and carries its tag.
    const tags = { project: "peregrine", environment: "dev" };
    await call("sqs", "CreateQueue", { QueueName: requestQueue("staging"), tags });
  });
  after(() => account?.stop());

  it("asks nobody while nothing was released, or somebody releases", async () => {
    assert.match(await invoke(), /nothing is rolled back: the ledger knows no live release/);
    await put(ledgerKey, ledgerLines);
    await put(lockKey, "{}");
    assert.match(await invoke(), /a release is under way/);
    await call("s3", "DeleteObject", { Bucket: scope.artifactsBucket, Key: lockKey });
    assert.deepEqual(await asked(), []);
  });

  it("asks for the release before, once, whichever alarm is raised", async () => {
    assert.match(await invoke(), new RegExp(`a rollback to ${first.id} is asked for`));
    assert.match(await invoke(), /is being left already/);
    assert.deepEqual(await asked(), [{ action: "rollback", to: first.id }]);
  });

  it("can ask for releases and remember that, and nothing else", () => {
    const statements = statementsOf(allRoles(scope)["fall-back"]!);
    const written = statements.filter(({ Action }) => Action.includes("s3:PutObject"));
    assert.deepEqual(
      written.flatMap(({ Resource }) => Resource),
      [`arn:aws:s3:::${scope.artifactsBucket}/${fallBackPrefix}*`],
    );
    assert.deepEqual(
      statements
        .flatMap(({ Action }) => Action)
        .filter((action) => /^(sagemaker|lambda|codebuild|ssm|iam):/.test(action)),
      [],
    );
  });

  it("is called by the alarms that users feel, by a rule and a function that deployers cannot change", async () => {
    const { recorder } = await built("staging", changes);
    const { inputs } = recorder.one("aws:cloudwatch/eventRule:EventRule", "peregrine-staging-fall-back-rule");
    assert.match(inputs["name"], /^peregrine-staging-release-/);
    assert.deepEqual(JSON.parse(inputs["eventPattern"]), raisedPattern(scope));
    const names = raisedPattern(scope)["detail"] as { alarmName: string[] };
    const critical = Object.entries(endpointAlarms(scope)).filter(([, { severity }]) => severity === "critical");
    assert.deepEqual(
      names.alarmName,
      critical.map(([alarm]) => scope.names.of("alarm", "detector", alarm)),
    );
    assert.match(FunctionName, /^peregrine-staging-start-release/);
  });
});
