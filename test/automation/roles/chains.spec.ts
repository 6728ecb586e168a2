import assert from "node:assert/strict";
import { StopLoggingCommand } from "@aws-sdk/client-cloudtrail";
import { DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { StartBuildCommand, UpdateProjectCommand } from "@aws-sdk/client-codebuild";
import { PutImageTagMutabilityCommand } from "@aws-sdk/client-ecr";
import { PutTargetsCommand, RemoveTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateAliasCommand } from "@aws-sdk/client-kms";
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
} from "@aws-sdk/client-s3";
import {
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateProcessingJobCommand,
  CreateStudioLifecycleConfigCommand,
  UpdateEndpointCommand,
  UpdateUserProfileCommand,
} from "@aws-sdk/client-sagemaker";
import { SendMessageCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { type EnvironmentName, environments } from "../../../contract/environments";
import { policyDocument } from "../../../infra/identity/document";
import { type Clients, clientsOf, close } from "../../../automation/roles/matrix/clients";
import { type MatrixRole } from "../../../automation/roles/matrix/expected";
import { denials } from "../../../aws/session";
import { accountId, scopeOf } from "../../support/scope";
import { GovernedAccount } from "./account";

/**
 * Ways by which roles reached what is not theirs, in steps that were allowed one by one. Each step that must stop a
 * chain is sent as a signed request of the role, and has to be refused by IAM: an answer from behind IAM would mean
 * that the chain goes on.
 */
describe("chains of allowed steps", function () {
  let account: GovernedAccount;
  const opened: Clients[] = [];

  before(async () => {
    account = await GovernedAccount.start();
    // What a role could do at most that somebody made under the environment's boundary: everything that the boundary
    // allows.
    for (const environment of environments) {
      const scope = scopeOf(environment);
      const admin = clients(account.local.administrator);
      const RoleName = scope.roleName("anything");
      const trust = policyDocument([
        { Sid: "Account", Effect: "Allow", Principal: { AWS: scope.arns.accountRoot }, Action: ["sts:AssumeRole"] },
      ]);
      await admin.iam.send(
        new CreateRoleCommand({
          RoleName,
          Path: scope.rolePath,
          AssumeRolePolicyDocument: trust,
          PermissionsBoundary: scope.boundaryArn,
        }),
      );
      await admin.iam.send(
        new PutRolePolicyCommand({
          RoleName,
          PolicyName: "all",
          PolicyDocument: policyDocument([{ Sid: "All", Effect: "Allow", Action: ["*"], Resource: ["*"] }]),
        }),
      );
    }
  });
  after(async () => {
    opened.forEach(close);
    await account?.stop();
  });

  function clients(session: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }): Clients {
    const one = clientsOf(session, { region: account.local.cloud.region, endpoint: account.local.url });
    opened.push(one);
    return one;
  }
  const as = async (role: MatrixRole, environment: EnvironmentName) =>
    clients(await account.session(role, environment));
  const asService = (role: string, environment: EnvironmentName, service: string) => {
    const { internals } = account.local.cloud;
    return clients(internals.credentials(internals.assume(scopeOf(environment).roleArn(role), service, "chain")));
  };
  const asAnything = async (environment: EnvironmentName) => {
    const { Credentials } = await clients(account.local.administrator).sts.send(
      new AssumeRoleCommand({ RoleArn: scopeOf(environment).roleArn("anything"), RoleSessionName: "chain" }),
    );
    return clients({
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    });
  };

  async function refused(action: string, request: Promise<unknown>): Promise<void> {
    const error = await request.then(
      () => assert.fail(`${action} was done`),
      (reason: Error) => reason,
    );
    assert.ok(
      denials.has(error.name) && error.message.includes(`not authorized to perform: ${action}`),
      `${action}: ${error.name}: ${error.message}`,
    );
  }

  const bucket = (environment: EnvironmentName) => scopeOf(environment).artifactsBucket;
  const put = (Bucket: string, Key: string) => new PutObjectCommand({ Bucket, Key, Body: "planted" });
  const open = (arn: string) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: arn }, Action: "s3:*", Resource: "*" }],
    });
  const regional = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:${accountId}:${resource}`;
  const queueUrl = (name: string) => `https://sqs.eu-central-1.amazonaws.com/${accountId}/${name}`;

  for (const environment of environments) {
    it(`a deployer of ${environment} gets no code into the functions of releases, nor builds of their own`, async () => {
      const { lambda, codebuild, events, sqs, ecr } = await as("deployer", environment);
      const prefix = `peregrine-${environment}`;
      for (const name of ["deploy-candidate", "end-trial", "start-release"]) {
        const FunctionName = `${prefix}-${name}`;
        await refused(
          "lambda:UpdateFunctionCode",
          lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: new Uint8Array([0]) })),
        );
        await refused(
          "lambda:UpdateFunctionConfiguration",
          lambda.send(
            new UpdateFunctionConfigurationCommand({
              FunctionName,
              Environment: { Variables: { RELEASE_PROJECT: "mine" } },
            }),
          ),
        );
        await refused(
          "lambda:AddPermission",
          lambda.send(
            new AddPermissionCommand({
              FunctionName,
              StatementId: "me",
              Action: "lambda:InvokeFunction",
              Principal: accountId,
            }),
          ),
        );
      }
      await refused(
        "lambda:CreateEventSourceMapping",
        lambda.send(
          new CreateEventSourceMappingCommand({
            FunctionName: `${prefix}-announce-candidate`,
            EventSourceArn: regional("sqs", `${prefix}-trials`),
          }),
        ),
      );
      await refused(
        "codebuild:StartBuild",
        codebuild.send(new StartBuildCommand({ projectName: `${prefix}-release`, buildspecOverride: "version: 0.2" })),
      );
      for (const name of [`${prefix}-release`, `${prefix}-image`])
        await refused(
          "codebuild:UpdateProject",
          codebuild.send(new UpdateProjectCommand({ name, description: "mine" })),
        );
      for (const Rule of [`${prefix}-release-approved`, `${prefix}-release-failed`, `${prefix}-trial-ended`]) {
        await refused(
          "events:PutTargets",
          events.send(
            new PutTargetsCommand({
              Rule,
              Targets: [
                {
                  Id: "release",
                  Arn: regional("codebuild", `project/${prefix}-release`),
                  RoleArn: scopeOf(environment).roleArn("release-request"),
                  Input: "{}",
                },
              ],
            }),
          ),
        );
        await refused("events:RemoveTargets", events.send(new RemoveTargetsCommand({ Rule, Ids: ["release"] })));
      }
      for (const queue of [
        `${prefix}-trials`,
        `peregrine-requests-${environment}`,
        `peregrine-requests-approvals-${environment}`,
      ]) {
        await refused(
          "sqs:SendMessage",
          sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(queue), MessageBody: "{}" })),
        );
        await refused(
          "sqs:SetQueueAttributes",
          sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl(queue), Attributes: { Policy: "{}" } })),
        );
      }
      await refused(
        "ecr:PutImageTagMutability",
        ecr.send(new PutImageTagMutabilityCommand({ repositoryName: "peregrine-ml", imageTagMutability: "MUTABLE" })),
      );
    });

    it(`a deployer of ${environment} makes no role, opens none, and becomes nobody`, async () => {
      const { iam, sts, kms, sagemaker } = await as("deployer", environment);
      const scope = scopeOf(environment);
      const self = scope.roleArn("deployer");
      const trust = JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { AWS: self }, Action: "sts:AssumeRole" }],
      });
      await refused(
        "iam:CreateRole",
        iam.send(
          new CreateRoleCommand({
            RoleName: scope.roleName("mine"),
            Path: scope.rolePath,
            AssumeRolePolicyDocument: trust,
            PermissionsBoundary: scope.boundaryArn,
          }),
        ),
      );
      for (const role of ["pipeline-execution", "training-execution", "announce-candidate", "approver"]) {
        await refused(
          "iam:UpdateAssumeRolePolicy",
          iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: scope.roleName(role), PolicyDocument: trust })),
        );
        await refused(
          "iam:PutRolePolicy",
          iam.send(
            new PutRolePolicyCommand({
              RoleName: scope.roleName(role),
              PolicyName: "mine",
              PolicyDocument: policyDocument([]),
            }),
          ),
        );
      }
      for (const role of ["approver", "ml-engineer", "auditor", "pipeline-execution"])
        await refused(
          "sts:AssumeRole",
          sts.send(new AssumeRoleCommand({ RoleArn: scope.roleArn(role), RoleSessionName: "me" })),
        );
      await refused(
        "kms:CreateAlias",
        kms.send(
          new CreateAliasCommand({ AliasName: scope.auditKeyAlias, TargetKeyId: account.targets[environment].keyArn }),
        ),
      );
      await refused(
        "sagemaker:CreateStudioLifecycleConfig",
        sagemaker.send(
          new CreateStudioLifecycleConfigCommand({
            StudioLifecycleConfigName: `peregrine-${environment}-mine`,
            StudioLifecycleConfigContent: "AAAA",
            StudioLifecycleConfigAppType: "JupyterLab",
          }),
        ),
      );
      await refused(
        "sagemaker:UpdateUserProfile",
        sagemaker.send(
          new UpdateUserProfileCommand({
            DomainId: "d-xxxxxxxxxxxx",
            UserProfileName: "ben",
            UserSettings: { ExecutionRole: scope.roleArn("endpoint-execution") },
          }),
        ),
      );
    });

    it(`nobody of ${environment} comes near a bucket's policy, lock or lifecycle, and a deployer not near the trail`, async () => {
      const audit = `peregrine-${environment}-audit-${accountId}-0000000`;
      for (const { s3 } of [await as("deployer", environment), await asAnything(environment)])
        for (const Bucket of [bucket(environment), audit]) {
          await refused(
            "s3:PutBucketPolicy",
            s3.send(new PutBucketPolicyCommand({ Bucket, Policy: open(scopeOf(environment).roleArn("deployer")) })),
          );
          await refused("s3:DeleteBucketPolicy", s3.send(new DeleteBucketPolicyCommand({ Bucket })));
          await refused(
            "s3:PutLifecycleConfiguration",
            s3.send(
              new PutBucketLifecycleConfigurationCommand({
                Bucket,
                LifecycleConfiguration: {
                  Rules: [{ ID: "soon", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 1 } }],
                },
              }),
            ),
          );
          await refused(
            "s3:PutBucketObjectLockConfiguration",
            s3.send(
              new PutObjectLockConfigurationCommand({
                Bucket,
                ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" },
              }),
            ),
          );
        }
      const { logs, cloudtrail } = await as("deployer", environment);
      await refused(
        "logs:DeleteLogGroup",
        logs.send(new DeleteLogGroupCommand({ logGroupName: `/peregrine/${environment}/trail` })),
      );
      await refused(
        "logs:DeleteLogGroup",
        logs.send(new DeleteLogGroupCommand({ logGroupName: `/aws/codebuild/peregrine-${environment}-release` })),
      );
      await refused(
        "cloudtrail:StopLogging",
        cloudtrail.send(new StopLoggingCommand({ Name: `peregrine-${environment}-trail` })),
      );
    });

    it(`a role of ${environment} that may do all its boundary allows still writes nothing that others run or believe, and becomes nobody`, async () => {
      const { s3, ssm, sts } = await asAnything(environment);
      const Bucket = bucket(environment);
      const scope = scopeOf(environment);
      for (const key of [
        "sources/peregrine.zip",
        "releases/x/model.tar.gz",
        "ledger/releases.jsonl",
        "champion/model.tar.gz",
        "runs/x/model.tar.gz",
        "checkpoints/x/last.pt",
        "weights/base.pt",
        "approvals/x.json",
        "studio/requirements.lock",
        "definitions/x.json",
        "monitoring/constraints.json",
      ]) {
        await refused("s3:PutObject", s3.send(put(Bucket, key)));
        await refused(
          "s3:PutObject",
          s3.send(new CopyObjectCommand({ Bucket, Key: key, CopySource: `${Bucket}/users/x` })),
        );
        await refused("s3:PutObject", s3.send(new CreateMultipartUploadCommand({ Bucket, Key: key })));
        await refused("s3:DeleteObject", s3.send(new DeleteObjectCommand({ Bucket, Key: key })));
      }
      for (const Name of [scope.releaseParameter, scope.ledgerHeadParameter])
        await refused(
          "ssm:PutParameter",
          ssm.send(new PutParameterCommand({ Name, Value: "{}", Type: "String", Overwrite: true })),
        );
      for (const other of environments)
        for (const role of ["approver", "ml-engineer", "auditor", "deployer"])
          await refused(
            "sts:AssumeRole",
            sts.send(new AssumeRoleCommand({ RoleArn: scopeOf(other).roleArn(role), RoleSessionName: "me" })),
          );
    });
  }

  for (const environment of ["staging", "prod"] as const)
    it(`${environment} is changed by the release path alone: not by an ML engineer's, nor by any other role's own model and endpoint calls`, async () => {
      const container = {
        Image: `${accountId}.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml:0.1.0`,
        ModelDataUrl: `s3://${bucket(environment)}/releases/x/model.tar.gz`,
        Environment: { PYTHONWARNINGS: "all:0:antigravity.x:0:0", BROWSER: "sh" },
      };
      const name = `peregrine-${environment}-detector`;
      for (const { sagemaker } of [await as("ml-engineer", environment), await asAnything(environment)]) {
        await refused(
          "sagemaker:CreateModel",
          sagemaker.send(
            new CreateModelCommand({
              ModelName: name,
              EnableNetworkIsolation: true,
              ExecutionRoleArn: scopeOf(environment).roleArn("endpoint-execution"),
              PrimaryContainer: container,
              VpcConfig: { SecurityGroupIds: ["sg-00000000"], Subnets: ["subnet-00000000"] },
            }),
          ),
        );
        await refused(
          "sagemaker:CreateEndpointConfig",
          sagemaker.send(
            new CreateEndpointConfigCommand({
              EndpointConfigName: name,
              ProductionVariants: [
                {
                  VariantName: "champion",
                  ModelName: name,
                  InitialInstanceCount: 1,
                  InstanceType: scopeOf(environment).settings.serving.instanceType as "ml.g5.xlarge",
                },
              ],
            }),
          ),
        );
        await refused(
          "sagemaker:UpdateEndpoint",
          sagemaker.send(new UpdateEndpointCommand({ EndpointName: name, EndpointConfigName: name })),
        );
      }
      const { sagemaker } = await as("deployer", environment);
      await refused(
        "sagemaker:CreateModel",
        sagemaker.send(
          new CreateModelCommand({
            ModelName: name,
            EnableNetworkIsolation: true,
            ExecutionRoleArn: scopeOf(environment).roleArn("endpoint-execution"),
            PrimaryContainer: container,
          }),
        ),
      );
      // A configuration with a model of another name than releases give is no way around it.
      await refused(
        "sagemaker:CreateEndpointConfig",
        sagemaker.send(
          new CreateEndpointConfigCommand({
            EndpointConfigName: name,
            ProductionVariants: [
              {
                VariantName: "champion",
                ModelName: "mine",
                InitialInstanceCount: 1,
                InstanceType: scopeOf(environment).settings.serving.instanceType as "ml.g5.xlarge",
              },
            ],
          }),
        ),
      );
    });

  it("an ML engineer swaps no archive, evaluation, checkpoint or champion, and lays no source", async () => {
    for (const environment of environments) {
      const { s3 } = await as("ml-engineer", environment);
      for (const key of [
        "runs/x/model.tar.gz",
        "runs/x/evaluation.json",
        "checkpoints/x/last.pt",
        "champion/model.tar.gz",
        "sources/peregrine.zip",
        "releases/x/model.tar.gz",
        "approvals/x.json",
      ])
        await refused("s3:PutObject", s3.send(put(bucket(environment), key)));
    }
  });

  it("a data scientist runs no command of their own as the pipeline's roles, and an experiment writes nothing that the pipeline loads", async () => {
    const { sagemaker } = await as("data-scientist", "dev");
    const scope = scopeOf("dev");
    for (const role of ["processing-execution", "training-execution", "pipeline-execution", "endpoint-execution"])
      await refused(
        "iam:PassRole",
        sagemaker.send(
          new CreateProcessingJobCommand({
            ProcessingJobName: "peregrine-dev-mine",
            RoleArn: scope.roleArn(role),
            AppSpecification: { ImageUri: scope.imageUri, ContainerEntrypoint: ["sh", "-c", "true"] },
            ProcessingResources: {
              ClusterConfig: {
                InstanceType: scope.settings.training.processingInstanceType as "ml.m5.xlarge",
                InstanceCount: 1,
                VolumeSizeInGB: 1,
              },
            },
            StoppingCondition: { MaxRuntimeInSeconds: 60 },
          }),
        ),
      );
    const { s3 } = asService("experiment-anna", "dev", "sagemaker.amazonaws.com");
    for (const key of ["runs/x/model.tar.gz", "checkpoints/x/last.pt", "weights/base.pt", "champion/model.tar.gz"])
      await refused("s3:PutObject", s3.send(put(bucket("dev"), key)));
    await refused("s3:PutObject", s3.send(put(bucket("dev"), "users/ben/notes.txt")));
    await s3.send(put(bucket("dev"), "users/anna/notes.txt"));
  });

  it("builds take the variables of their purpose and no overrides, also from who starts them", async () => {
    const starters = [
      asService("staging-trial", "dev", "lambda.amazonaws.com"),
      asService("release-request", "dev", "lambda.amazonaws.com"),
    ];
    for (const { codebuild } of starters)
      await refused(
        "codebuild:StartBuild",
        codebuild.send(new StartBuildCommand({ projectName: "peregrine-dev-image" })),
      );
  });
});
