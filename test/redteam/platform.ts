import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fromIni } from "@aws-sdk/credential-providers";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import { DisableRuleCommand } from "@aws-sdk/client-eventbridge";
import { CreateBucketCommand, GetObjectCommand, ListBucketsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { type EnvironmentName, environments } from "../../contract/environments";
import { githubIssuer } from "../../infra/identity/roles/ci";
import { awsLags } from "../../local/lags";
import type { ServerFile } from "../../local/main";
import { type Clients, clientsOf, close, type Connection } from "../../automation/roles/matrix/clients";
import { ProjectCopy } from "../engine/project-copy";
import { Registry } from "../engine/registry";
import { eventually } from "../support/eventually";
import { assumeWithToken } from "./signed";
import { assume, People, type Person, type PersonRole } from "./sessions";

/** Settings that are off as shipped and add ways in: workflows of a repository, and a bucket for the stacks' state. */
const repository = "example/peregrine";
export const stateBucket = "peregrine-red-team-state";
const settings = { ciRepository: repository, releaseBackendUrl: `s3://${stateBucket}` };

/** Where the state of an environment's stack is, in Pulumi's backend. */
export const stateKey = (environment: string): string => `.pulumi/stacks/peregrine/${environment}.json`;

/** Writes them into the file of `dev`, whose roles they are about. */
async function settle(project: ProjectCopy): Promise<void> {
  const file = join(project.folder, "Pulumi.dev.yaml");
  appendFileSync(
    file,
    Object.entries(settings)
      .map(([key, value]) => `  peregrine:${key}: ${value}\n`)
      .join(""),
  );
  await project.commit("Settings of the red team");
}

/** Cloud seconds per real second. */
const speed = 30;

/**
 * The three environments on one local cloud, brought up once for all attacks, with a model in production, a ledger, and
 * people.
 */
export class Platform {
  private readonly sessions = new Set<Clients>();

  private constructor(
    readonly project: ProjectCopy,
    readonly server: ServerFile,
    readonly registry: Registry,
    readonly administrator: Clients,
    readonly people: People,
    readonly archive: Buffer,
  ) {}

  static async make(): Promise<Platform> {
    const project = await ProjectCopy.make({ releaseTargets: "staging,prod" });
    try {
      // A session of an hour lasts two minutes, and instances start in seconds.
      const server = await project.startCloud("--speed", String(speed), "--lags", "on");
      await settle(project);
      const registry = new Registry(project, server);
      const connection = { region: server.region, endpoint: server.url };
      const administrator = clientsOf(
        (await fromIni({ filepath: server.credentialsFile, profile: server.profile })()) as never,
        connection,
      );
      // The state of stacks is there before any of them.
      await administrator.s3.send(
        new CreateBucketCommand({
          Bucket: stateBucket,
          CreateBucketConfiguration: { LocationConstraint: server.region as "eu-central-1" },
        }),
      );
      const [{ good }, people] = await Promise.all([
        registry.archives({ good: undefined }),
        People.signedIn(server, connection),
        ...environments.map((environment) => project.bringUp(environment)),
      ]);
      const there = new Platform(project, server, registry, administrator, people, good);
      await there.furnish();
      return there;
    } catch (error) {
      await project.remove();
      throw error;
    }
  }

  /** Until requests are decided by a change of IAM that was made just now. */
  async rightsDecide(): Promise<void> {
    await setTimeout((1.5 * awsLags.iamMs) / speed);
  }

  get connection(): Connection {
    return { region: this.server.region, endpoint: this.server.url };
  }

  get accountId(): string {
    return this.server.accountId;
  }

  /** A person's session of a role, until the attack ends. */
  async as(environment: EnvironmentName, role: PersonRole, person?: Person): Promise<Clients> {
    return this.kept(await this.people.sessionOf(environment, role, person));
  }

  /** The session of a role that other clients take. */
  async take(clients: Clients, roleArn: string, sourceIdentity?: string): Promise<Clients> {
    return this.kept(await assume(clients, roleArn, this.connection, sourceIdentity));
  }

  private kept(clients: Clients): Clients {
    this.sessions.add(clients);
    return clients;
  }

  closeSessions(): void {
    for (const clients of this.sessions) close(clients);
    this.sessions.clear();
  }

  artifacts(environment: EnvironmentName): string {
    return `peregrine-${environment}-artifacts-${this.accountId}`;
  }

  /** The bucket of an environment's trail; its name ends with random characters. */
  async auditBucket(environment: EnvironmentName): Promise<string> {
    const { Buckets = [] } = await this.administrator.s3.send(new ListBucketsCommand({}));
    return Buckets.find(({ Name }) => Name!.startsWith(`peregrine-${environment}-audit-`))!.Name!;
  }

  roleArn(environment: EnvironmentName, role: string): string {
    return this.people.roleArn(environment, role);
  }

  arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.server.region}:${this.accountId}:${resource}`;
  }

  /** Writes an object as the administrator. */
  async put(bucket: string, key: string, body: Buffer | string): Promise<void> {
    await this.administrator.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  }

  /** Version and digest of an object, as the administrator sees it; `none` where there is none. */
  async object(bucket: string, key: string): Promise<string> {
    try {
      const { VersionId, Body } = await this.administrator.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return `${VersionId} ${createHash("sha256")
        .update(await Body!.transformToByteArray())
        .digest("hex")}`;
    } catch (error) {
      if ((error as Error).name === "NoSuchKey") return "none";
      throw error;
    }
  }

  /** Address of a queue. */
  queue(name: string): string {
    return `${this.server.url}/${this.accountId}/${name}`;
  }

  /** What production serves, in its bucket. */
  get released(): string {
    return `releases/${createHash("sha256").update(this.archive).digest("hex")}/model.tar.gz`;
  }

  /** A session of a workflow, by the token of its issuer. @param subject which workflow: the claim `sub`. */
  async workflow(environment: EnvironmentName, role: string, subject: string): Promise<Clients> {
    const claims = {
      iss: `https://${githubIssuer}`,
      aud: "sts.amazonaws.com",
      sub: `repo:${repository}:${subject}`,
      exp: Math.floor(Date.now() / 1000) + 600,
    };
    const token = ["{}", JSON.stringify(claims), ""].map((part) => Buffer.from(part).toString("base64url")).join(".");
    return this.kept(
      clientsOf(
        await assumeWithToken(this.administrator, this.server.url, this.roleArn(environment, role), token),
        this.connection,
      ),
    );
  }

  /**
   * What a first release leaves behind, without the minutes of one: archive, record, desired release, and production's
   * endpoint.
   */
  private async furnish(): Promise<void> {
    const {
      administrator: { sagemaker, ssm, events },
      accountId,
    } = this;
    // An approval is a step of some attacks, the release that it starts is not.
    await events.send(new DisableRuleCommand({ Name: "peregrine-dev-release-approved" }));
    const key = this.released;
    const bucket = this.artifacts("prod");
    await Promise.all(
      environments.map((name) => this.put(this.artifacts(name), "ledger/ledger.jsonl", '{"sequence":0}\n')),
    );
    await this.put(bucket, key, this.archive);
    await Promise.all([
      this.put(this.artifacts("dev"), "champion/model.tar.gz", this.archive),
      ...environments.map((name) => this.put(stateBucket, stateKey(name), "state")),
      this.put(this.artifacts("dev"), "weights/yolo11n-aerial.pt", "weights"),
      this.put(this.artifacts("dev"), "checkpoints/execution/last.pt", "a checkpoint"),
      ...["release", "ledger-head"].map((name) =>
        ssm.send(
          new PutParameterCommand({
            Name: `/peregrine/prod/${name}`,
            Value: '{"sequence":0}',
            Type: "String",
            Overwrite: true,
          }),
        ),
      ),
    ]);
    const name = "peregrine-prod-detector";
    await sagemaker.send(
      new CreateModelCommand({
        ModelName: `${name}-1`,
        EnableNetworkIsolation: true,
        ExecutionRoleArn: this.roleArn("prod", "endpoint-execution"),
        PrimaryContainer: { Image: this.image, ModelDataUrl: `s3://${bucket}/${key}` },
      }),
    );
    await sagemaker.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: `${name}-1`,
        ProductionVariants: [
          {
            VariantName: "champion",
            ModelName: `${name}-1`,
            InstanceType: "ml.g6.xlarge",
            InferenceAmiVersion: "al2023-ami-sagemaker-inference-gpu-4-1",
            InitialInstanceCount: 1,
          },
        ],
      }),
    );
    await sagemaker.send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: `${name}-1` }));
    await eventually(async () => {
      const { EndpointStatus, FailureReason } = await sagemaker.send(
        new DescribeEndpointCommand({ EndpointName: name }),
      );
      if (EndpointStatus !== "InService")
        throw new Error(`${accountId}'s ${name} is ${EndpointStatus}: ${FailureReason ?? ""}`);
    });
  }

  get image(): string {
    return `${this.accountId}.dkr.ecr.${this.server.region}.amazonaws.com/peregrine-ml:0.1.0`;
  }

  async remove(): Promise<void> {
    this.closeSessions();
    close(this.administrator);
    await this.project.remove();
  }
}

let there: Platform | undefined;

/** The platform that is up while attacks run. */
export function platform(): Platform {
  if (!there) throw new Error("the platform is up only while tests run");
  return there;
}

before("the three environments come up", async function () {
  there = await Platform.make();
});

after(() => there?.remove());
