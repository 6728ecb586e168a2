import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { LambdaClient } from "@aws-sdk/client-lambda";
import AdmZip from "adm-zip";
import { FunctionUrl, type UrlAnswer } from "../../../aws/function-url";
import {
  doorFunction,
  doorHeader,
  failoverStateKey,
  heldQueue,
  type Rung,
  rungEndpoint,
  rungs,
} from "../../../contract/front-door";
import { imageRepository } from "../../../contract/names";
import type { failoverReport } from "../../../automation/failover/report";
import type { StackOutputs } from "../../../contract/outputs";
import { championVariant } from "../../../contract/variants";
import type { Members } from "../../../local/members";
import { GovernedAccount } from "../../automation/roles/account";
import { sdkConfig } from "../../local/support";
import { grantedQuotas } from "../../../scripts/commands/local-daemon";
import { modelArchive } from "../../local/services/sagemaker/harness";
import { eventually } from "../../support/eventually";
import { scopeOf } from "../../support/scope";

const scope = scopeOf("prod", {
  "peregrine:frontDoorStandby": "warm",
  "peregrine:frontDoorSmallModel": "instance",
});
const bus = scope.names.of("eventBus", "events");
const dist = join(__dirname, "..", "..", "..", "functions", "dist");
const image = `${scope.place.accountId}.dkr.ecr.${scope.settings.region}.amazonaws.com/${imageRepository}:1`;

/** Cloud seconds per real one: a breaker's first rest of 30 seconds takes half of one. */
const speed = 60;
/** How long the door waits for a model. */
export const timeoutSeconds = 1;

/** The account with the program's roles in prod, the door's functions as they are deployed, and three endpoints. */
export class DoorAccount {
  private url!: FunctionUrl;

  private constructor(readonly governed: GovernedAccount) {}

  static async start(): Promise<DoorAccount> {
    const images = { [imageRepository]: { entrypoint: ["node", join(__dirname, "images", "container.cjs")] } };
    const account = new DoorAccount(
      await GovernedAccount.start({ speed, images, scopes: { prod: scope }, quotas: grantedQuotas }),
    );
    await account.encrypt();
    await account.call("events", "CreateEventBus", { Name: bus });
    await account.listen();
    for (const rung of rungs) await account.serve(rung);
    await account.deploy("front-door");
    await account.deploy("answer-held");
    await account.queue();
    account.url = await account.urlAs();
    return account;
  }

  call(service: string, operation: string, input: Members): Promise<Members> {
    return this.governed.administer(service, operation, input);
  }

  /** Sends an image as an ML engineer does. */
  send(flight = "flight-7", body: Buffer | string = "an image"): Promise<UrlAnswer> {
    const headers = { "content-type": "image/jpeg", [doorHeader.flight]: flight };
    return this.url.send({ method: "POST", headers, body });
  }

  get(path: string): Promise<UrlAnswer> {
    return this.url.send({ method: "GET", path });
  }

  /** Forgets which rungs failed before, as if a long time had passed. */
  async calm(): Promise<void> {
    await this.call("s3", "DeleteObject", { Bucket: scope.artifactsBucket, Key: failoverStateKey });
    await eventually(async () => {
      const { headers } = await this.send();
      if (headers[doorHeader.server] !== "champion") throw new Error("the champion does not serve again");
    });
  }

  async object(Key: string): Promise<string> {
    const { Body } = await this.call("s3", "GetObject", { Bucket: scope.artifactsBucket, Key });
    return String(Body);
  }

  /** What the bus said. */
  async heard(): Promise<Members[]> {
    const QueueUrl = (await this.call("sqs", "GetQueueUrl", { QueueName: "heard" })).QueueUrl;
    const { Messages = [] } = await this.call("sqs", "ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
    for (const { ReceiptHandle } of Messages as Members[])
      await this.call("sqs", "DeleteMessage", { QueueUrl, ReceiptHandle });
    return (Messages as Members[]).map(({ Body }) => JSON.parse(Body as string) as Members);
  }

  /** What a client's process needs: an ML engineer's keys, and where the door is. */
  async clientEnvironment(): Promise<NodeJS.ProcessEnv> {
    const keys = await this.governed.session("ml-engineer", "prod");
    const { FunctionUrl: DOOR } = await this.call("lambda", "GetFunctionUrlConfig", {
      FunctionName: doorFunction("prod"),
    });
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")));
    return {
      ...clean,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_SESSION_TOKEN: keys.sessionToken,
      AWS_REGION: scope.settings.region,
      AWS_DEFAULT_REGION: scope.settings.region,
      NODE_NO_WARNINGS: "1",
      DOOR: DOOR as string,
    };
  }

  /** The environment as automation knows it, as far as it is asked for, by the profile `ab`. */
  environment(door: { readonly frontDoorUrl?: string }): Parameters<typeof failoverReport>[0] {
    const outputs = { artifactsBucket: scope.artifactsBucket, endpointName: scope.endpointName, ...door };
    return {
      name: "prod",
      session: { region: scope.settings.region, profile: "ab" },
      outputs: async () => outputs as StackOutputs,
    };
  }

  stop(): Promise<void> {
    return this.governed.stop();
  }

  private async urlAs(): Promise<FunctionUrl> {
    const client = new LambdaClient({
      endpoint: this.governed.local.url,
      region: this.governed.local.cloud.region,
      credentials: await this.governed.session("ml-engineer", "prod"),
      maxAttempts: 1,
    });
    return new FunctionUrl(client, doorFunction("prod"));
  }

  private async encrypt(): Promise<void> {
    const KMSMasterKeyID = this.governed.targets.prod.keyArn;
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID } }];
    const Bucket = scope.artifactsBucket;
    await this.call("s3", "PutBucketEncryption", { Bucket, ServerSideEncryptionConfiguration: { Rules } });
  }

  private async listen(): Promise<void> {
    const heard = scope.arns.queue("heard");
    const Principal = { Service: "events.amazonaws.com" };
    const Statement = [{ Effect: "Allow", Principal, Action: "sqs:SendMessage", Resource: heard }];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
    await this.call("sqs", "CreateQueue", { QueueName: "heard", Attributes: { Policy } });
    const EventPattern = JSON.stringify({ source: ["peregrine.serving"] });
    await this.call("events", "PutRule", { Name: "heard", EventBusName: bus, EventPattern });
    await this.call("events", "PutTargets", { Rule: "heard", EventBusName: bus, Targets: [{ Id: "1", Arn: heard }] });
  }

  private async serve(rung: Rung): Promise<void> {
    const Key = `releases/${rung}/model.tar.gz`;
    await this.call("s3", "PutObject", { Bucket: scope.artifactsBucket, Key, Body: modelArchive(rung) });
    const EndpointName = rungEndpoint("prod", rung);
    const ModelName = `${EndpointName}-model`;
    await this.call("sagemaker", "CreateModel", {
      ModelName,
      ExecutionRoleArn: scope.roleArn("endpoint-execution"),
      PrimaryContainer: { Image: image, ModelDataUrl: `s3://${scope.artifactsBucket}/${Key}` },
    });
    await this.configure(EndpointName, [ModelName]);
    await this.call("sagemaker", "CreateEndpoint", { EndpointName, EndpointConfigName: EndpointName });
    await this.inService(EndpointName);
  }

  /** An endpoint configuration of one variant, or of champion and challenger with half of the traffic each. */
  async configure(EndpointConfigName: string, models: readonly string[]): Promise<void> {
    await this.call("sagemaker", "CreateEndpointConfig", {
      EndpointConfigName,
      ProductionVariants: models.map((ModelName, index) => ({
        VariantName: index === 0 ? championVariant : "challenger",
        ModelName,
        InstanceType: "ml.c6i.large",
        InitialInstanceCount: 1,
        InitialVariantWeight: 1,
      })),
    });
  }

  async inService(EndpointName: string): Promise<void> {
    await eventually(async () => {
      const { EndpointStatus, FailureReason } = await this.call("sagemaker", "DescribeEndpoint", { EndpointName });
      if (EndpointStatus !== "InService") throw new Error(`${EndpointName} is ${EndpointStatus}: ${FailureReason}`);
    }, 60_000);
  }

  private async deploy(handler: "front-door" | "answer-held"): Promise<void> {
    const FunctionName = scope.names.of("function", handler);
    const zip = new AdmZip();
    zip.addFile("index.js", readFileSync(join(dist, handler, "index.js")));
    const settings = {
      FunctionName,
      Timeout: 60,
      Environment: {
        Variables: {
          ENVIRONMENT: "prod",
          ARTIFACTS_BUCKET: scope.artifactsBucket,
          EVENT_BUS: bus,
          RUNGS: rungs.join(","),
          TIMEOUT_SECONDS: String(timeoutSeconds),
        },
      },
    };
    const logGroupName = `/aws/lambda/${FunctionName}`;
    await new CloudWatchLogsClient(sdkConfig(this.governed.local)).send(new CreateLogGroupCommand({ logGroupName }));
    if (handler === "front-door") {
      await this.call("lambda", "UpdateFunctionCode", { FunctionName, ZipFile: zip.toBuffer() });
      await this.call("lambda", "UpdateFunctionConfiguration", settings);
      await this.call("lambda", "DeleteFunctionConcurrency", { FunctionName });
    } else
      await this.call("lambda", "CreateFunction", {
        ...settings,
        Role: scope.roleArn("front-door"),
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Code: { ZipFile: zip.toBuffer() },
      });
  }

  private async queue(): Promise<void> {
    const QueueName = heldQueue("prod");
    const Attributes = { VisibilityTimeout: "60" };
    const { QueueUrl } = await this.call("sqs", "CreateQueue", { QueueName, Attributes });
    await this.call("lambda", "CreateEventSourceMapping", {
      EventSourceArn: scope.arns.queue(QueueName),
      FunctionName: scope.names.of("function", "answer-held"),
      BatchSize: 1,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
    // Messages come back in real seconds, whatever the cloud's clock says.
    await this.call("sqs", "SetQueueAttributes", { QueueUrl, Attributes: { VisibilityTimeout: "2" } });
  }
}
