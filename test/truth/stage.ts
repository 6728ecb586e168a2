import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Members } from "../../local/members";
import { credentialRegistry } from "../../local/iam/credentials";
import { signInPerson } from "../../local/iam/people";
import { placed, type Principal } from "../../local/iam/principal";
import type { Placement } from "../../local/network/placement";
import { roleEnvironment } from "../../local/runner/role-environment";
import type { LocalCloud } from "../../local/server";
import { grantedQuotas } from "../../scripts/commands/local-daemon";
import { Notebook } from "../local/network/notebook";
import { modelArchive } from "../local/services/sagemaker/harness";
import { repository, startTestCloud, venv } from "../local/support";
import { eventually } from "../support/eventually";
import { keepRights } from "../support/rights";
import { accountId, releaseOf, scopeOf } from "../support/scope";
import { type Change, type Deployed, Deployment } from "./deployment";

const python = join(venv, "bin", "python");
const image = `${accountId}.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml:0.1.0`;
/** The project's image is built for GPUs of CUDA 13; where one is it serves, elsewhere it logs a run. */
const images = {
  "peregrine-ml": {
    entrypoint: [python, join(repository, "test", "local", "network", "images", "tracked.py")],
    entrypointOnGpu: ["node", join(repository, "test", "local", "services", "sagemaker", "images", "toy.cjs")],
    platform: { architecture: "amd64", cuda: "13.3" },
    env: { PYTHONPATH: join(repository, "ml") },
  },
} as const;

/** Something of the program that can be taken out. */
export interface Part {
  readonly resource: (deployment: Deployment) => Deployed;
  readonly change: Change;
  /** The platform's work that needs it. @throws Error in AWS's words. */
  readonly work: (stage: Stage) => Promise<unknown>;
}

/**
 * An environment of the program with a release that serves, on a local cloud; its parts can be taken out and put back.
 */
export class Stage {
  readonly image = image;
  /** By role. */
  private readonly notebooks = new Map<string, Notebook>();
  private counter = 0;

  private constructor(
    readonly local: LocalCloud,
    readonly deployment: Deployment,
    readonly scope: ReturnType<typeof scopeOf>,
  ) {}

  static async up(stack: string, changes: Readonly<Record<string, string>>, released = true): Promise<Stage> {
    const local = await startTestCloud({
      speed: 60,
      accountId,
      people: ["anna", "ben", "cleo", "dora", "emil"],
      images,
      quotas: grantedQuotas,
    });
    const deployment = await Stage.deploy(local, stack, changes, released).catch(async (error: Error) => {
      await local.stop();
      throw error;
    });
    const scope = scopeOf(stack, changes);
    const stage = new Stage(local, deployment, scope);
    // The tracking server and its database come up with the first requests, which may take longer than a client waits.
    await local.cloud.internals.mlflowProxy!(
      stage.trackingApp,
      {
        method: "GET",
        url: "/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default",
        headers: {},
        body: Buffer.alloc(0),
      },
      { principal: stage.session("training-execution"), sourceIp: "127.0.0.1", userAgent: "test" },
    );
    return stage;
  }

  /** Brings an environment up on a local cloud. @param released with a release that serves. */
  static async deploy(
    local: LocalCloud,
    stack: string,
    changes: Readonly<Record<string, string>>,
    released = true,
  ): Promise<Deployment> {
    const scope = scopeOf(stack, changes);
    const administer = (service: string, operation: string, input: Members) =>
      local.cloud.as(local.administrator.principal, service, operation, input, "test");
    const dataset = { Bucket: scope.settings.dataset.bucket };
    await administer("s3", "HeadBucket", dataset).catch(() =>
      administer("s3", "CreateBucket", {
        ...dataset,
        CreateBucketConfiguration: { LocationConstraint: local.cloud.region },
      }),
    );
    const release = {
      ...releaseOf(),
      imageUri: image,
      modelDataUrl: `s3://${scope.artifactsBucket}/releases/a/model.tar.gz`,
    };
    if (released)
      await administer("ssm", "PutParameter", {
        Name: scope.releaseParameter,
        Type: "String",
        Value: JSON.stringify(release),
      });
    return Deployment.up(local, stack, changes, async (type) => {
      if (type === "aws:sagemaker/model:Model")
        await eventually(
          () =>
            administer("s3", "PutObject", {
              Bucket: scope.artifactsBucket,
              Key: "releases/a/model.tar.gz",
              Body: modelArchive("m"),
            }),
          20_000,
        );
    });
  }

  async down(): Promise<void> {
    for (const notebook of this.notebooks.values()) notebook.close();
    keepRights(`stage-${this.scope.environment}-${this.local.url.replace(/.*:/, "")}`, this.local.cloud);
    await this.local.stop();
  }

  get trackingApp(): string {
    return String(this.deployment.one("aws:sagemaker/mlflowApp:MlflowApp", "-app").state["arn"]);
  }

  /** A name that nothing has yet. */
  fresh(): string {
    return `${this.scope.names.prefix}-again-${++this.counter}`;
  }

  administer(service: string, operation: string, input: Members): Promise<Members> {
    return this.local.cloud.as(this.local.administrator.principal, service, operation, input, "test");
  }

  /** A call as one of the program's roles, which a service takes. */
  as(role: string, service: string, operation: string, input: Members, network?: Placement): Promise<Members> {
    return this.local.cloud.as(placed(this.session(role), network), service, operation, input, "test");
  }

  /** A call that a service of AWS makes as itself, for the account. @param sourceArn what it makes the call for. */
  asService(host: string, service: string, operation: string, input: Members, sourceArn?: string): Promise<Members> {
    const principal: Principal = { type: "service", arn: host, accountId, id: host, ...(sourceArn && { sourceArn }) };
    return this.local.cloud.as(principal, service, operation, input, host);
  }

  /** A session of a role as the service that it trusts gets one. */
  session(role: string, person?: string): Principal {
    const { inputs } = this.deployment.one("aws:iam/role:Role", `-${role}-role`);
    const host = /"Service":"([^"]+)"/.exec(String(inputs["assumeRolePolicy"]))![1]!;
    return this.local.cloud.internals.assume(this.scope.roleArn(role as never), host, "work", undefined, person);
  }

  /** A session of a role that a person took. @param scope of another environment on the same local cloud. */
  async taken(role: string, person: string, scope = this.scope): Promise<Principal> {
    const { cloud } = this.local;
    const { principal } = signInPerson(cloud, person);
    const { Credentials } = await cloud.as(
      principal,
      "sts",
      "AssumeRole",
      { RoleArn: scope.roleArn(role as never), RoleSessionName: person, SourceIdentity: person },
      "test",
    );
    return credentialRegistry(cloud).credentialsOf(Credentials.AccessKeyId as string)!.principal;
  }

  /** A call that Studio's pages make for an ML engineer, as whose profile's role apps run. */
  inStudio(operation: string, input: Members): Promise<Members> {
    return this.local.cloud.as(
      {
        ...this.session("studio-ml-engineer", "ben"),
        studio: { domainId: String(input.DomainId), userProfileName: "ben" },
      },
      "sagemaker",
      operation,
      input,
      "test",
    );
  }

  /** A model package that waits for an approver. */
  readonly newPackage = async (): Promise<string> => {
    const { ModelPackageArn } = await this.administer("sagemaker", "CreateModelPackage", {
      ModelPackageGroupName: this.scope.modelPackageGroup,
      ModelApprovalStatus: "PendingManualApproval",
      InferenceSpecification: {
        Containers: [{ Image: image }],
        SupportedContentTypes: ["image/jpeg"],
        SupportedResponseMIMETypes: ["application/json"],
      },
    });
    return String(ModelPackageArn);
  };

  /** Where the program puts its jobs and models. */
  get workloads(): Placement {
    const { subnets, securityGroupIds } = this.deployment.resources.find(
      ({ type }) => type === "aws:sagemaker/model:Model",
    )!.inputs["vpcConfig"] as { subnets: string[]; securityGroupIds: string[] };
    return { subnetIds: subnets, securityGroupIds };
  }

  /**
   * Evaluates an expression of Python in an ML engineer's notebook inside the network.
   * @throws Error with the client's class and message.
   */
  inNotebook(expression: string): Promise<void> {
    return this.inPython(this.session("studio-ml-engineer", "ben"), "studio-ml-engineer", expression);
  }

  /** The same as one of the program's roles, as which a job runs inside the network. */
  inJob(role: string, expression: string): Promise<void> {
    return this.inPython(this.session(role), role, expression);
  }

  private async inPython(principal: Principal, role: string, expression: string): Promise<void> {
    const notebook = this.notebooks.get(role) ?? this.openNotebook(principal);
    this.notebooks.set(role, notebook);
    const [answer] = await notebook.run([expression]);
    if (answer !== "ok") throw new Error(answer);
  }

  private openNotebook(principal: Principal): Notebook {
    return new Notebook(python, {
      PATH: process.env["PATH"],
      PYTHONPATH: join(repository, "ml"),
      MLFLOW_TRACKING_URI: this.trackingApp,
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0",
      ...roleEnvironment(this.local.cloud, placed(principal, this.workloads), this.local.url),
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    });
  }

  /** Trains in the environment's network, as its role. @throws Error with SageMaker's reason where the job fails. */
  async trains(): Promise<void> {
    const TrainingJobName = this.fresh();
    const { subnetIds: Subnets, securityGroupIds: SecurityGroupIds } = this.workloads;
    await this.administer("s3", "PutObject", {
      Bucket: this.scope.artifactsBucket,
      Key: "runs/again/tiles/a.txt",
      Body: Buffer.from("a"),
    });
    await this.administer("sagemaker", "CreateTrainingJob", {
      TrainingJobName,
      RoleArn: this.scope.roleArn("training-execution"),
      AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: "File" },
      InputDataConfig: [
        {
          ChannelName: "train",
          DataSource: {
            S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${this.scope.artifactsBucket}/runs/again/tiles/` },
          },
        },
      ],
      OutputDataConfig: { S3OutputPath: `s3://${this.scope.artifactsBucket}/runs/again` },
      ResourceConfig: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 30 },
      StoppingCondition: { MaxRuntimeInSeconds: 3600 },
      VpcConfig: { Subnets, SecurityGroupIds },
      Environment: { MLFLOW_TRACKING_URI: this.trackingApp, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" },
    });
    const { TrainingJobStatus, FailureReason } = await this.until(
      "sagemaker",
      "DescribeTrainingJob",
      { TrainingJobName },
      (answer) => answer.TrainingJobStatus !== "InProgress",
    );
    if (TrainingJobStatus !== "Completed") throw new Error(FailureReason as string);
  }

  /**
   * Makes another endpoint with the configuration of the program's, as it is now.
   * @throws Error with why it does not serve.
   */
  async serves(): Promise<void> {
    const EndpointName = this.fresh();
    const { name } = this.deployment.resources.find(
      ({ type }) => type === "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    )!.inputs;
    await this.administer("sagemaker", "CreateEndpoint", { EndpointName, EndpointConfigName: name });
    const { EndpointStatus, FailureReason } = await this.until(
      "sagemaker",
      "DescribeEndpoint",
      { EndpointName },
      (answer) => answer.EndpointStatus !== "Creating",
    );
    await this.administer("sagemaker", "DeleteEndpoint", { EndpointName });
    if (EndpointStatus !== "InService") throw new Error(FailureReason as string);
  }

  /** The build of a trial ends badly. */
  trialEnds(): Promise<void> {
    const detail = {
      "build-status": "FAILED",
      "project-name": this.scope.releaseProject,
      "build-id": this.local.cloud.arn("codebuild", `build/${this.scope.releaseProject}:1`),
      "additional-information": { environment: { "environment-variables": [] } },
    };
    return Promise.resolve(
      this.local.cloud.internals.emit({
        source: "aws.codebuild",
        detailType: "CodeBuild Build State Change",
        resources: [detail["build-id"]],
        detail,
      }),
    );
  }

  /** Lets a schedule of the program come now. @throws Error in the words of what it calls. */
  async comes(ending: string, eventName: string): Promise<void> {
    const schedule = this.deployment.one("aws:scheduler/schedule:Schedule", ending);
    let undo = (): Promise<void> => Promise.resolve();
    try {
      await this.seen(eventName, async () => {
        undo = await this.deployment.change(schedule, (inputs) => ({
          ...inputs,
          scheduleExpression: "rate(1 minute)",
        }));
      });
    } finally {
      await undo();
    }
  }

  /** Asks until a description is as wanted. */
  async until(
    service: string,
    operation: string,
    input: Members,
    done: (answer: Members) => boolean,
  ): Promise<Members> {
    for (;;) {
      const answer = await this.administer(service, operation, input);
      if (done(answer)) return answer;
      await delay(25);
    }
  }

  /**
   * Does something and waits for the call of a service that follows from it. @param about is in the call's parameters.
   * @throws Error with the trail's code and message where that was refused.
   */
  async seen(eventName: string, trigger: () => Promise<unknown>, about = ""): Promise<void> {
    const before = new Set(this.local.cloud.audit.recent().map(({ eventID }) => eventID));
    await trigger();
    const record = await eventually(() => {
      const found = this.local.cloud.audit
        .recent()
        .find(
          (one) =>
            !before.has(one.eventID) &&
            one.eventName === eventName &&
            one.userIdentity["arn"] !== this.local.administrator.principal.arn &&
            JSON.stringify(one.requestParameters ?? "").includes(about),
        );
      assert.ok(found, `nobody called ${eventName}`);
      return found;
    }, 10_000);
    if (record.errorCode) throw new Error(`${record.errorCode}: ${record.errorMessage}`);
  }

  /**
   * Takes a part out, does the work that needs it, and puts it back.
   * @returns AWS's words, or undefined when nothing was noticed.
   */
  async noticed({ resource, change, work }: Part): Promise<string | undefined> {
    let undo = (): Promise<void> => Promise.resolve();
    try {
      undo = await this.deployment.change(resource(this.deployment), change);
      await work(this);
      return undefined;
    } catch (error) {
      const { code, message } = error as Error & { code?: string };
      return code === undefined ? message : `${code}: ${message}`;
    } finally {
      await undo();
    }
  }
}
