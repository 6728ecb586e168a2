import { setTimeout as sleep } from "node:timers/promises";
import { resolve } from "node:path";
import AdmZip from "adm-zip";
import { buildSync } from "esbuild";
import { CreateProjectCommand, StartBuildCommand, UpdateProjectCommand } from "@aws-sdk/client-codebuild";
import {
  DeleteRuleCommand,
  DisableRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { SendMessageCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { attack } from "./attack";
import { all, artifact, lambdaFunction, project, queuePolicy, rule } from "./protected";

const trials = "peregrine-dev-trials";
const release = "peregrine-dev-release";

/** A handler that starts a release build whose commands are the attacker's. */
function startsOwnBuild(bucket: string): Buffer {
  const buildspec = JSON.stringify({
    version: 0.2,
    phases: { build: { commands: [`echo mine | aws s3 cp - s3://${bucket}/releases/red-team`] } },
  });
  const contents = `
    import { CodeBuildClient, StartBuildCommand } from "@aws-sdk/client-codebuild";
    export const handler = async () => (await new CodeBuildClient({}).send(new StartBuildCommand({ projectName: "${release}", buildspecOverride: ${JSON.stringify(buildspec)} }))).build.id;`;
  const built = buildSync({
    stdin: { contents, resolveDir: resolve(__dirname, "..", "..") },
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
  });
  const zip = new AdmZip();
  zip.addFile("index.js", Buffer.from(built.outputFiles[0]!.contents));
  return zip.toBuffer();
}

describe("a deployer cannot instruct what releases", () => {
  attack("the deployer of dev writes production's releases by code in the function that starts trials", {
    before: "reached: an object in production's releases/, written by the release build",
    unchanged: all(
      artifact("prod", "releases/red-team"),
      lambdaFunction("peregrine-dev-deploy-candidate"),
      project(release),
    ),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      const FunctionName = "peregrine-dev-deploy-candidate";
      const ZipFile = startsOwnBuild(there.artifacts("prod"));
      await steps.refused("lambda:UpdateFunctionCode", "puts code of the deployer's into deploy-candidate", () =>
        emil.lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile })),
      );
      await steps.refused("lambda:AddPermission", "lets the deployer call it", () =>
        emil.lambda.send(
          new AddPermissionCommand({
            FunctionName,
            StatementId: "mine",
            Action: "lambda:InvokeFunction",
            Principal: there.roleArn("dev", "deployer"),
          }),
        ),
      );
      await steps.refused("lambda:InvokeFunction", "calls it: it starts a build with commands of the deployer's", () =>
        emil.lambda.send(new InvokeCommand({ FunctionName })),
      );
      for (
        let tries = 0;
        tries < 100 && (await there.object(there.artifacts("prod"), "releases/red-team")) === "none";
        tries += 1
      )
        await sleep(200);
      steps.reached.push(
        `production's releases/ holds ${await there.object(there.artifacts("prod"), "releases/red-team")}`,
      );
    },
  });

  for (const handler of ["deploy-candidate", "end-trial"]) {
    const FunctionName = `peregrine-dev-${handler}`;
    attack(`the deployer of dev calls ${handler} by a permission of the deployer's own`, {
      before: "reached: the call",
      unchanged: lambdaFunction(FunctionName),
      chain: async (steps, there) => {
        const emil = await there.as("dev", "deployer");
        await steps.refused("lambda:AddPermission", "adds a permission", () =>
          emil.lambda.send(
            new AddPermissionCommand({
              FunctionName,
              StatementId: "mine-too",
              Action: "lambda:InvokeFunction",
              Principal: there.roleArn("dev", "deployer"),
            }),
          ),
        );
        await steps.refused("lambda:InvokeFunction", "calls it", () =>
          emil.lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from("{}") })),
        );
      },
    });
    attack(`the deployer of dev leads ${handler} elsewhere by its variables`, {
      before: "reached: the function with another project and environment",
      unchanged: lambdaFunction(FunctionName),
      chain: async (steps, there) => {
        const emil = await there.as("dev", "deployer");
        await steps.refused("lambda:UpdateFunctionConfiguration", "changes its variables", () =>
          emil.lambda.send(
            new UpdateFunctionConfigurationCommand({
              FunctionName,
              Environment: { Variables: { RELEASE_PROJECT: release, TRIAL_ENVIRONMENT: "prod", MAX_RECEIVES: "40" } },
            }),
          ),
        );
      },
    });
    attack(`the deployer of dev silences ${handler}`, {
      before: "reached: the function without any call at a time",
      unchanged: lambdaFunction(FunctionName),
      chain: async (steps, there) => {
        const emil = await there.as("dev", "deployer");
        await steps.refused("lambda:PutFunctionConcurrency", "lets it run no more", () =>
          emil.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 })),
        );
      },
    });
  }

  attack("the deployer of dev has a function of the deployer's making run as the role that starts trials", {
    before: "held: refused, the role is an administrator's to hand over",
    unchanged: lambdaFunction("peregrine-dev-announce-candidate"),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("iam:PassRole", "changes the role of announce-candidate", () =>
        emil.lambda.send(
          new UpdateFunctionConfigurationCommand({
            FunctionName: "peregrine-dev-announce-candidate",
            Role: there.roleArn("dev", "staging-trial"),
          }),
        ),
      );
    },
  });

  attack("the deployer of dev feeds a function from the queue of trials", {
    before: "held: refused at the first request",
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("lambda:CreateEventSourceMapping", "maps the queue", () =>
        emil.lambda.send(
          new CreateEventSourceMappingCommand({
            FunctionName: "peregrine-dev-announce-candidate",
            EventSourceArn: there.arn("sqs", trials),
          }),
        ),
      );
    },
  });

  attack("the deployer of dev stops the approval's rule by another pattern", {
    before: "reached: the rule, disabled and deaf",
    unchanged: rule("peregrine-dev-release-approved"),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("events:PutRule", "changes when it fires", () =>
        emil.events.send(
          new PutRuleCommand({
            Name: "peregrine-dev-release-approved",
            State: "DISABLED",
            EventPattern: JSON.stringify({ source: ["red.team"] }),
          }),
        ),
      );
    },
  });

  attack("the deployer of dev has the approval's rule release a package of the deployer's choice to prod", {
    before: "held: refused, the rule's role is an administrator's to hand over",
    unchanged: rule("peregrine-dev-release-approved"),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      const variables = {
        MODEL_PACKAGE_ARN: there.arn("sagemaker", "model-package/peregrine-dev-detector/1"),
        RELEASE_TARGETS: "prod",
      };
      const Input = JSON.stringify({
        environmentVariablesOverride: Object.entries(variables).map(([name, value]) => ({
          name,
          value,
          type: "PLAINTEXT",
        })),
      });
      await steps.refused("(events:PutTargets|iam:PassRole)", "changes what it says", () =>
        emil.events.send(
          new PutTargetsCommand({
            Rule: "peregrine-dev-release-approved",
            Targets: [
              {
                Id: "release",
                Arn: there.arn("codebuild", `project/${release}`),
                RoleArn: there.roleArn("dev", "release-request"),
                Input,
              },
            ],
          }),
        ),
      );
    },
  });

  attack("the deployer of dev makes a rule that starts release builds", {
    before: "held: refused, the role is an administrator's to hand over",
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.allowed("makes a rule", () =>
        emil.events.send(
          new PutRuleCommand({ Name: "peregrine-dev-mine", EventPattern: JSON.stringify({ source: ["red.team"] }) }),
        ),
      );
      await steps.refused("iam:PassRole", "has it start release builds", () =>
        emil.events.send(
          new PutTargetsCommand({
            Rule: "peregrine-dev-mine",
            Targets: [
              {
                Id: "build",
                Arn: there.arn("codebuild", `project/${release}`),
                RoleArn: there.roleArn("dev", "release-request"),
              },
            ],
          }),
        ),
      );
    },
  });

  attack("the deployer of dev takes the target off the rule that tells about failed releases", {
    before: "reached: nobody is told",
    unchanged: rule("peregrine-dev-release-failed"),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("events:RemoveTargets", "takes it off", () =>
        emil.events.send(new RemoveTargetsCommand({ Rule: "peregrine-dev-release-failed", Ids: ["notify"] })),
      );
      await steps.refused("events:DeleteRule", "deletes the rule", () =>
        emil.events.send(new DeleteRuleCommand({ Name: "peregrine-dev-release-failed" })),
      );
    },
  });

  attack("the deployer of dev stops the rule that ends lost trials", {
    before: "held: refused at the first request",
    unchanged: rule("peregrine-dev-trial-ended"),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("events:DisableRule", "disables it", () =>
        emil.events.send(new DisableRuleCommand({ Name: "peregrine-dev-trial-ended" })),
      );
    },
  });

  attack("the deployer of dev forges a trial's message", {
    before: "reached: the message in the queue, by a queue policy of the deployer's own",
    unchanged: queuePolicy(trials),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      const QueueUrl = there.queue(trials);
      const Policy = JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: there.roleArn("dev", "deployer") },
            Action: "sqs:*",
            Resource: there.arn("sqs", trials),
          },
        ],
      });
      await steps.refused("sqs:SetQueueAttributes", "lets the deployer in", () =>
        emil.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } })),
      );
      const message = {
        token: "0123456789",
        pipelineExecutionArn: there.arn("sagemaker", "pipeline/peregrine-dev-training/execution/a"),
        arguments: { modelPackageArn: there.arn("sagemaker", "model-package/peregrine-dev-detector/1") },
        status: "Stopping",
      };
      await steps.refused("sqs:SendMessage", "sends a message of a pipeline's step", () =>
        emil.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) })),
      );
    },
  });

  attack("the deployer of dev starts a release build, or changes its project", {
    before: "held: refused at the first request",
    unchanged: project(release),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("codebuild:UpdateProject", "changes the project", () =>
        emil.codebuild.send(
          new UpdateProjectCommand({ name: release, source: { type: "NO_SOURCE", buildspec: "version: 0.2" } }),
        ),
      );
    },
  });

  attack("the deployer of dev starts a release build", {
    before: "held: refused at the first request",
    unchanged: project(release),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("codebuild:StartBuild", "starts it", () =>
        emil.codebuild.send(new StartBuildCommand({ projectName: release })),
      );
    },
  });

  attack("the deployer of dev gives the image's build commands of the deployer's own", {
    before: "reached: the project with another buildspec, whose next build pushes the image that everything runs",
    unchanged: project("peregrine-dev-image"),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("codebuild:UpdateProject", "changes the project", () =>
        emil.codebuild.send(
          new UpdateProjectCommand({
            name: "peregrine-dev-image",
            source: {
              type: "S3",
              location: `${there.artifacts("dev")}/sources/peregrine.zip`,
              buildspec: "version: 0.2\nphases:\n  build:\n    commands:\n      - id\n",
            },
          }),
        ),
      );
    },
  });

  attack("the deployer of dev makes a build project that runs as the image build's role", {
    before: "reached: the project (nobody starts it)",
    unchanged: project("peregrine-dev-mine"),
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("(codebuild:CreateProject|iam:PassRole)", "makes the project", () =>
        emil.codebuild.send(
          new CreateProjectCommand({
            name: "peregrine-dev-mine",
            serviceRole: there.roleArn("dev", "image-build"),
            source: { type: "NO_SOURCE", buildspec: "version: 0.2\nphases:\n  build:\n    commands:\n      - id\n" },
            artifacts: { type: "NO_ARTIFACTS" },
            environment: {
              type: "LINUX_CONTAINER",
              computeType: "BUILD_GENERAL1_SMALL",
              image: "aws/codebuild/standard:7.0",
            },
          }),
        ),
      );
    },
  });

  attack("the deployer of dev deletes the function that starts trials", {
    before: "reached: the function is gone",
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("lambda:DeleteFunction", "deletes it", () =>
        emil.lambda.send(new DeleteFunctionCommand({ FunctionName: "peregrine-dev-deploy-candidate" })),
      );
    },
  });

  for (const [role, person] of [
    ["deployer", "emil"],
    ["ml-engineer", "ben"],
    ["data-scientist", "anna"],
    ["approver", "cleo"],
  ] as const)
    attack(`the ${role} of dev forges an event of the platform`, {
      before: "held: refused at the first request",
      chain: async (steps, there) => {
        const { events } = await there.as("dev", role, person);
        await steps.refused("events:PutEvents", "sends it", () =>
          events.send(
            new PutEventsCommand({
              Entries: [
                {
                  EventBusName: "peregrine-prod-events",
                  Source: "peregrine.model",
                  DetailType: "Drift Detected",
                  Detail: "{}",
                },
              ],
            }),
          ),
        );
      },
    });
});
