import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AttachRolePolicyCommand, DetachRolePolicyCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import {
  type CreateProcessingJobCommandInput,
  CreatePresignedDomainUrlCommand,
  CreateProcessingJobCommand,
  CreateStudioLifecycleConfigCommand,
  CreateTrainingJobCommand,
  CreateUserProfileCommand,
  DescribeProcessingJobCommand,
  DescribeUserProfileCommand,
  ListDomainsCommand,
  SearchCommand,
  StartPipelineExecutionCommand,
  UpdateDomainCommand,
  UpdatePipelineCommand,
  UpdateUserProfileCommand,
} from "@aws-sdk/client-sagemaker";
import type { Clients } from "../../automation/roles/matrix/clients";
import { attack, type Steps } from "./attack";
import type { Platform } from "./platform";
import { all, artifact, role as roleState } from "./protected";
import { send } from "./signed";

const pipeline = "peregrine-dev-training";
/**
 * Ends with the service's words, which the job's description then has. At most 256 characters (CreateProcessingJob,
 * `ContainerEntrypoint`).
 */
const script =
  "import boto3,json,os,sys; os.makedirs('/opt/ml/output',exist_ok=True); sys.excepthook=lambda t,e,b: open('/opt/ml/output/message','w').write(str(e)); getattr(boto3.client(sys.argv[1]),sys.argv[2])(**json.loads(sys.argv[3]))";
const whoAmI: Request = ["sts", "get_caller_identity", {}];
let runs = 0;

/** A request that a job sends: service and operation as boto3 calls them. */
type Request = readonly [service: string, operation: string, input: object];
const write = (bucket: string, Key: string): Request => ["s3", "put_object", { Bucket: bucket, Key, Body: "mine" }];

/** A job whose command is a person's own: it sends one request. @returns how it ended. */
async function runOwn(
  there: Platform,
  steps: Steps,
  sagemaker: Clients["sagemaker"],
  role: string,
  [service, operation, request]: Request,
  about: { readonly refused: string } | { readonly allowed: true },
): Promise<string> {
  const ProcessingJobName = `peregrine-dev-mine-${(runs += 1)}`;
  const input: CreateProcessingJobCommandInput = {
    ProcessingJobName,
    RoleArn: there.roleArn("dev", role),
    AppSpecification: {
      ImageUri: there.image,
      ContainerEntrypoint: [join(there.project.folder, ".venv", "bin", "python"), "-c", script],
      ContainerArguments: [service, operation, JSON.stringify(request)],
    },
    ProcessingResources: { ClusterConfig: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 10 } },
    StoppingCondition: { MaxRuntimeInSeconds: 3600 },
  };
  const start = () => sagemaker.send(new CreateProcessingJobCommand(input));
  if ("allowed" in about) await steps.allowed(`starts a job as ${role}`, start);
  else await steps.refused(about.refused, `starts a job as ${role}`, start);
  for (;;) {
    const { ProcessingJobStatus, FailureReason, ExitMessage } = await there.administrator.sagemaker.send(
      new DescribeProcessingJobCommand({ ProcessingJobName }),
    );
    if (ProcessingJobStatus === "Completed") return "Completed";
    if (ProcessingJobStatus !== "InProgress")
      return `${ProcessingJobStatus}: ${FailureReason ?? ""} ${ExitMessage ?? ""}`;
    await sleep(100);
  }
}

describe("a data scientist's experiments are nobody else's", () => {
  for (const [role, key] of [
    ["processing-execution", "runs/approved/model.tar.gz"],
    ["processing-execution", "runs/approved/evaluation.json"],
    ["training-execution", "checkpoints/execution/last.pt"],
  ] as const)
    attack(`a data scientist writes ${key} by a job with a command of the data scientist's own as ${role}`, {
      before: "reached: the object",
      unchanged: artifact("dev", key),
      chain: async (steps, there) => {
        const anna = await there.as("dev", "data-scientist");
        steps.reached.push(
          await runOwn(there, steps, anna.sagemaker, role, write(there.artifacts("dev"), key), {
            refused: "iam:PassRole",
          }),
        );
      },
    });

  for (const role of [
    "pipeline-execution",
    "endpoint-execution",
    "monitoring-execution",
    "release-build",
    "studio-ml-engineer",
    "deployer",
  ])
    attack(`a data scientist starts a job as ${role}`, {
      before: "held: refused at the first request",
      chain: async (steps, there) => {
        const anna = await there.as("dev", "data-scientist");
        await runOwn(there, steps, anna.sagemaker, role, whoAmI, { refused: "iam:PassRole" });
      },
    });

  /** What a job as the role of experiments does is sent by a job as the role of experiments. */
  for (const [deed, action, request] of [
    ["writes runs/", "s3:PutObject", (there: Platform) => write(there.artifacts("dev"), "runs/approved/model.tar.gz")],
    [
      "writes checkpoints/",
      "s3:PutObject",
      (there: Platform) => write(there.artifacts("dev"), "checkpoints/execution/last.pt"),
    ],
    [
      "writes weights/",
      "s3:PutObject",
      (there: Platform) => write(there.artifacts("dev"), "weights/yolo11n-aerial.pt"),
    ],
    [
      "writes production's releases/",
      "s3:PutObject",
      (there: Platform) => write(there.artifacts("prod"), "releases/red-team"),
    ],
    [
      "becomes the ML engineer",
      "sts:AssumeRole",
      (there: Platform): Request => [
        "sts",
        "assume_role",
        { RoleArn: there.roleArn("dev", "ml-engineer"), RoleSessionName: "ben", SourceIdentity: "ben" },
      ],
    ],
    [
      "counts golden failures of production",
      "cloudwatch:PutMetricData",
      (): Request => [
        "cloudwatch",
        "put_metric_data",
        {
          Namespace: "Peregrine",
          MetricData: [
            {
              MetricName: "GoldenFailures",
              Value: 1,
              Dimensions: [{ Name: "EndpointName", Value: "peregrine-prod-detector" }],
            },
          ],
        },
      ],
    ],
  ] as const)
    attack(`a job of experiments ${deed}`, {
      before:
        "reached: before experiments had a role, jobs of people ran as the pipeline's (where that was refused, the job failed with it)",
      unchanged: all(
        artifact("dev", "runs/approved/model.tar.gz"),
        artifact("dev", "checkpoints/execution/last.pt"),
        artifact("dev", "weights/yolo11n-aerial.pt"),
        artifact("prod", "releases/red-team"),
      ),
      chain: async (steps, there) => {
        const anna = await there.as("dev", "data-scientist");
        const { Roles } = await there.administrator.iam.send(new ListRolesCommand({ PathPrefix: "/peregrine/dev/" }));
        // One role of experiments, or one a person.
        const name = Roles!
          .map(({ RoleName }) => RoleName!.slice("peregrine-dev-".length))
          .find((one) => one === "experiment-anna" || one === "experiment-execution");
        if (name === undefined) throw new Error("there is no role of experiments");
        const ended = await runOwn(there, steps, anna.sagemaker, name, request(there), { allowed: true });
        await steps.guarded(`the job ${deed}`, () => {
          if (!new RegExp(`AccessDenied|not authorized to perform: ${action}`).test(ended))
            throw new Error(`the job ended otherwise: ${ended}`);
          return Promise.resolve();
        });
      },
    });

  attack("a data scientist writes into another person's folder", {
    before: "reached: the object",
    unchanged: artifact("dev", "users/ben/notes.txt"),
    chain: async (steps, there) => {
      const anna = await there.as("dev", "data-scientist");
      await steps.allowed("writes users/anna/", () =>
        anna.s3.send(
          new PutObjectCommand({ Bucket: there.artifacts("dev"), Key: "users/anna/notes.txt", Body: "mine" }),
        ),
      );
      await steps.refused("s3:PutObject", "writes users/ben/", () =>
        anna.s3.send(
          new PutObjectCommand({ Bucket: there.artifacts("dev"), Key: "users/ben/notes.txt", Body: "mine" }),
        ),
      );
    },
  });

  for (const [where, key] of [
    ["runs/", "runs/approved"],
    ["checkpoints/", "checkpoints/execution"],
  ] as const)
    attack(`a data scientist trains into ${where} as the pipeline's role`, {
      before: "reached: the job",
      chain: async (steps, there) => {
        const anna = await there.as("dev", "data-scientist");
        const S3Uri = `s3://${there.artifacts("dev")}/${key}`;
        await steps.refused("iam:PassRole", "starts it", () =>
          anna.sagemaker.send(
            new CreateTrainingJobCommand({
              TrainingJobName: `peregrine-dev-mine-${(runs += 1)}`,
              RoleArn: there.roleArn("dev", "training-execution"),
              AlgorithmSpecification: {
                TrainingImage: there.image,
                TrainingInputMode: "File",
                ContainerEntrypoint: ["true"],
              },
              OutputDataConfig: { S3OutputPath: S3Uri },
              CheckpointConfig: { S3Uri },
              ResourceConfig: { InstanceType: "ml.g4dn.xlarge", InstanceCount: 1, VolumeSizeInGB: 10 },
              StoppingCondition: { MaxRuntimeInSeconds: 3600 },
            }),
          ),
        );
      },
    });
});

describe("a session is its person's", () => {
  attack("a data scientist takes the role under a colleague's name, and opens the colleague's Studio", {
    before: "reached: a presigned URL of the ML engineer's profile",
    chain: async (steps, there) => {
      const anna = await steps.refused("sts:(AssumeRole|SetSourceIdentity)", "takes the role as ben", () =>
        there.take(there.people.own("anna"), there.roleArn("dev", "data-scientist"), "ben"),
      );
      const { Domains } = await there.administrator.sagemaker.send(new ListDomainsCommand({}));
      await steps.refused("sagemaker:CreatePresignedDomainUrl", "opens ben's Studio", () =>
        anna.sagemaker.send(
          new CreatePresignedDomainUrlCommand({ DomainId: Domains![0]!.DomainId, UserProfileName: "ben" }),
        ),
      );
    },
  });

  attack("a data scientist opens a colleague's Studio under the own name", {
    before: "held: refused at the request",
    chain: async (steps, there) => {
      const anna = await there.as("dev", "data-scientist");
      const { Domains } = await there.administrator.sagemaker.send(new ListDomainsCommand({}));
      await steps.refused("sagemaker:CreatePresignedDomainUrl", "opens ben's Studio", () =>
        anna.sagemaker.send(
          new CreatePresignedDomainUrlCommand({ DomainId: Domains![0]!.DomainId, UserProfileName: "ben" }),
        ),
      );
    },
  });

  attack("a person without a name takes a role", {
    before: "reached: a session without a source identity",
    chain: async (steps, there) => {
      await steps.refused("sts:AssumeRole", "takes it", () =>
        there.take(there.people.own("anna"), there.roleArn("dev", "data-scientist")),
      );
    },
  });

  for (const [person, role] of [
    ["anna", "ml-engineer"],
    ["anna", "approver"],
    ["ben", "approver"],
    ["emil", "approver"],
    ["cleo", "ml-engineer"],
    ["emil", "ml-engineer"],
    ["dora", "deployer"],
  ] as const)
    attack(`${person} takes the role ${role}, which is not ${person}'s`, {
      before: "reached: the session, where IAM's other policies allow the person to ask",
      chain: async (steps, there) => {
        await steps.refused("sts:AssumeRole", "takes it", () => there.people.sessionOf("dev", role, person));
      },
    });

  for (const [from, to] of [
    ["ml-engineer", "approver"],
    ["deployer", "ml-engineer"],
    ["data-scientist", "ml-engineer"],
    ["approver", "deployer"],
    ["auditor", "approver"],
  ] as const)
    attack(`a session of ${from} takes ${to}`, {
      before: "held: no policy of the role allows it",
      chain: async (steps, there) => {
        const clients = await there.as("dev", from);
        await steps.refused("sts:AssumeRole", "takes it", () => there.take(clients, there.roleArn("dev", to)));
      },
    });

  const profile = async (there: Platform): Promise<{ DomainId: string; UserProfileName: string }> => ({
    DomainId: (await there.administrator.sagemaker.send(new ListDomainsCommand({}))).Domains![0]!.DomainId!,
    UserProfileName: "anna",
  });
  const anna = async (there: Platform): Promise<unknown> =>
    (await there.administrator.sagemaker.send(new DescribeUserProfileCommand(await profile(there)))).UserSettings;
  attack("the deployer of dev gives a profile another role", {
    before: "reached: a data scientist's notebooks run as the ML engineers' role",
    unchanged: anna,
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      const who = await profile(there);
      await steps.refused("(sagemaker:UpdateUserProfile|iam:PassRole)", "changes the role", () =>
        emil.sagemaker.send(
          new UpdateUserProfileCommand({
            ...who,
            UserSettings: { ExecutionRole: there.roleArn("dev", "studio-ml-engineer") },
          }),
        ),
      );
    },
  });
  attack("the deployer of dev has a script of the deployer's run in everybody's notebooks", {
    before: "reached: the domain's default script",
    unchanged: anna,
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      const { DomainId } = await profile(there);
      const made = await steps.refused("sagemaker:CreateStudioLifecycleConfig", "makes a script", () =>
        emil.sagemaker.send(
          new CreateStudioLifecycleConfigCommand({
            StudioLifecycleConfigName: "peregrine-dev-mine",
            StudioLifecycleConfigAppType: "JupyterLab",
            StudioLifecycleConfigContent: Buffer.from("#!/bin/bash\nid\n").toString("base64"),
          }),
        ),
      );
      await steps.refused("sagemaker:UpdateDomain", "makes it everybody's", () =>
        emil.sagemaker.send(
          new UpdateDomainCommand({
            DomainId,
            DefaultUserSettings: {
              JupyterLabAppSettings: {
                DefaultResourceSpec: { LifecycleConfigArn: made.StudioLifecycleConfigArn },
                LifecycleConfigArns: [made.StudioLifecycleConfigArn!],
              },
            },
          }),
        ),
      );
    },
  });
  attack("the deployer of dev makes a profile as somebody", {
    before: "reached: a profile that runs as the ML engineers' role",
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      const { DomainId } = await profile(there);
      const Tags = [
        { Key: "project", Value: "peregrine" },
        { Key: "environment", Value: "dev" },
      ];
      await steps.refused("(sagemaker:CreateUserProfile|iam:PassRole)", "makes it", () =>
        emil.sagemaker.send(
          new CreateUserProfileCommand({
            DomainId,
            UserProfileName: "emil",
            Tags,
            UserSettings: { ExecutionRole: there.roleArn("dev", "studio-ml-engineer") },
          }),
        ),
      );
    },
  });
  for (const role of ["data-scientist", "ml-engineer"] as const)
    attack(`the ${role} of dev gives a profile another role`, {
      before: "held: refused at the first request",
      unchanged: anna,
      chain: async (steps, there) => {
        const { sagemaker } = await there.as("dev", role);
        await steps.refused("sagemaker:UpdateUserProfile", "changes the role", async () =>
          sagemaker.send(
            new UpdateUserProfileCommand({
              ...(await profile(there)),
              UserSettings: { ExecutionRole: there.roleArn("dev", "studio-ml-engineer") },
            }),
          ),
        );
      },
    });
});

describe("pipelines and schedules act for nobody else", () => {
  const definition = (role: string, there: Platform) =>
    JSON.stringify({
      Version: "2020-12-01",
      Metadata: {},
      Parameters: [],
      Steps: [
        {
          Name: "Mine",
          Type: "Processing",
          Arguments: {
            ProcessingResources: {
              ClusterConfig: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeSizeInGB: 10 },
            },
            AppSpecification: { ImageUri: there.image, ContainerEntrypoint: ["true"] },
            RoleArn: role,
            StoppingCondition: { MaxRuntimeInSeconds: 3600 },
          },
        },
      ],
    });
  for (const role of ["release-build", "staging-trial", "studio-ml-engineer", "ml-engineer", "deployer"])
    attack(`an ML engineer has a pipeline run as ${role}`, {
      before: "held: the pipeline itself may run as the pipeline's role alone",
      chain: async (steps, there) => {
        const ben = await there.as("dev", "ml-engineer");
        const RoleArn = there.roleArn("dev", role);
        await steps.refused("iam:PassRole", "changes its role", () =>
          ben.sagemaker.send(
            new UpdatePipelineCommand({
              PipelineName: pipeline,
              RoleArn,
              PipelineDefinition: definition(RoleArn, there),
            }),
          ),
        );
      },
    });

  for (const role of ["data-scientist", "approver", "auditor"] as const)
    attack(`the ${role} of dev changes the pipeline, or runs it`, {
      before: "held: refused at the first request",
      chain: async (steps, there) => {
        const { sagemaker } = await there.as("dev", role);
        await steps.refusedToo("sagemaker:UpdatePipeline", "changes it", () =>
          sagemaker.send(
            new UpdatePipelineCommand({
              PipelineName: pipeline,
              PipelineDefinition: definition(there.roleArn("dev", "processing-execution"), there),
            }),
          ),
        );
        await steps.refusedToo("sagemaker:StartPipelineExecution", "runs it", () =>
          sagemaker.send(new StartPipelineExecutionCommand({ PipelineName: pipeline })),
        );
      },
    });

  attack("the deployer of dev runs the pipeline that the deployer changed", {
    before: "held: refused to run it",
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("sagemaker:StartPipelineExecution", "runs it", () =>
        emil.sagemaker.send(new StartPipelineExecutionCommand({ PipelineName: pipeline })),
      );
    },
  });

  for (const [environment, role, why] of [
    ["dev", "night-schedule", "endpoint"],
    ["dev", "release-request", "release"],
    ["prod", "pipeline-execution", "pipeline"],
  ] as const)
    attack(`the deployer of ${environment} has a schedule act as ${role}`, {
      before:
        role === "night-schedule"
          ? "reached: a schedule that makes the endpoint of a configuration of the deployer's"
          : "held: refused, the role is not a schedule's",
      chain: async (steps, there) => {
        const emil = await there.as(environment, "deployer");
        const name = `peregrine-${environment}-${why}`;
        const Target = {
          Arn: "arn:aws:scheduler:::aws-sdk:sagemaker:createEndpoint",
          RoleArn: there.roleArn(environment, role),
          Input: JSON.stringify({
            EndpointName: `peregrine-${environment}-detector`,
            EndpointConfigName: `peregrine-${environment}-mine`,
          }),
        };
        await steps.refused("(scheduler:CreateSchedule|iam:PassRole)", "makes the schedule", () =>
          send(emil, there.server.url, "scheduler", "POST", `/schedules/${name}`, {
            ClientToken: name,
            FlexibleTimeWindow: { Mode: "OFF" },
            ScheduleExpression: "at(2030-01-01T00:00:00)",
            Target,
          }),
        );
      },
    });
});

describe("what stops and tells cannot be turned against others", () => {
  attack("notebooks start training after the budget is spent", {
    before: "reached: the roles of notebooks were not among those that the budget's action stops",
    chain: async (steps, there) => {
      const stop = `arn:aws:iam::${there.accountId}:policy/peregrine/dev/peregrine-dev-stop-launches`;
      const { stdout } = await there.project.succeed("pulumi", "stack", "export", "--stack", "dev");
      const { deployment } = JSON.parse(stdout) as {
        deployment: {
          resources: { type: string; inputs: { definition?: { iamActionDefinition?: { roles?: string[] } } } }[];
        };
      };
      const roles = deployment.resources.find(({ type }) => type === "aws:budgets/budgetAction:BudgetAction")!.inputs
        .definition!.iamActionDefinition!.roles!;
      await steps.guarded("the budget's action stops every role that launches", () => {
        const launching = [
          "pipeline-execution",
          "ml-engineer",
          "data-scientist",
          "studio-ml-engineer",
          "studio-data-scientist",
        ].map((name) => `peregrine-dev-${name}`);
        const free = launching.filter((name) => !roles.includes(name));
        if (free.length > 0) throw new Error(`not stopped by ${stop}: ${free.join(", ")}`);
        return Promise.resolve();
      });
    },
  });

  attack("a data scientist trains after the budget is spent", {
    before: "held: refused once the policy is attached",
    unchanged: roleState("dev", "data-scientist"),
    chain: async (steps, there) => {
      const attachment = {
        RoleName: "peregrine-dev-data-scientist",
        PolicyArn: `arn:aws:iam::${there.accountId}:policy/peregrine/dev/peregrine-dev-stop-launches`,
      };
      await there.administrator.iam.send(new AttachRolePolicyCommand(attachment));
      await there.rightsDecide();
      try {
        const anna = await there.as("dev", "data-scientist");
        await runOwn(there, steps, anna.sagemaker, "experiment-anna", whoAmI, {
          refused: "sagemaker:CreateProcessingJob",
        });
      } finally {
        await there.administrator.iam.send(new DetachRolePolicyCommand(attachment));
        await there.rightsDecide();
      }
    },
  });

  for (const [environment, role] of [
    ["dev", "data-scientist"],
    ["dev", "ml-engineer"],
    ["dev", "deployer"],
    ["prod", "ml-engineer"],
    ["prod", "deployer"],
    ["prod", "approver"],
    ["prod", "auditor"],
  ] as const)
    attack(`the ${role} of ${environment} counts golden failures of production, which take a release back`, {
      before: "held: refused at the first request",
      chain: async (steps, there) => {
        const { cloudwatch } = await there.as(environment, role);
        await steps.refused("cloudwatch:PutMetricData", "counts one", () =>
          cloudwatch.send(
            new PutMetricDataCommand({
              Namespace: "Peregrine",
              MetricData: [
                {
                  MetricName: "GoldenFailures",
                  Value: 1,
                  Dimensions: [{ Name: "EndpointName", Value: "peregrine-prod-detector" }],
                },
              ],
            }),
          ),
        );
      },
    });

  for (const role of ["data-scientist", "ml-engineer", "approver", "auditor", "deployer"] as const)
    attack(`the ${role} of dev searches the descriptions of all environments`, {
      before:
        role === "deployer"
          ? "held: no policy of the role names it (the local cloud did not know the operation)"
          : "reached: allowed by the role's policy, by reading (sagemaker:Search knows no resource; the local cloud did not know the operation)",
      chain: async (steps, there) => {
        const { sagemaker } = await there.as("dev", role);
        await steps.refused("sagemaker:Search", "searches", () =>
          sagemaker.send(new SearchCommand({ Resource: "ModelPackage" })),
        );
      },
    });
});
