import assert from "node:assert/strict";
import { StartBuildCommand } from "@aws-sdk/client-codebuild";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import {
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateModelPackageCommand,
  DeleteEndpointCommand,
  DeleteModelPackageCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { Clients } from "../../automation/roles/matrix/clients";
import { attack } from "./attack";
import { type Platform, platform } from "./platform";
import { all, artifact, modelPackage, project, serving } from "./protected";

const endpoint = "peregrine-prod-detector";

/** What the gate thinks of a package, as the program says it. */
async function gate(there: Platform, arn: string): Promise<{ verdict: string; reasons: readonly string[] }> {
  return JSON.parse((await there.project.peregrine("promote", arn, "--dry-run", "--json")).stdout) as {
    verdict: string;
    reasons: readonly string[];
  };
}

/** A package that was approved as approvers do it, and that the gate would release. */
async function approve(there: Platform, run: string): Promise<string> {
  const arn = await there.registry.register(run, there.archive, { approval: "PendingManualApproval" });
  await there.project.succeed(process.execPath, "scripts/peregrine.cjs", "approve", arn, "--why", "reviewed");
  const { verdict, reasons } = await gate(there, arn);
  assert.equal(verdict, "release", reasons.join("; "));
  return arn;
}

describe("an approval is about the bytes that were approved", () => {
  let approved = "";
  let waiting = "";
  before(async function () {
    const there = platform();
    await there.put(there.artifacts("dev"), "champion/model.tar.gz", there.archive);
    waiting = await there.registry.register("waiting", there.archive, { approval: "PendingManualApproval" });
    approved = await approve(there, "approved");
  });

  attack("an ML engineer swaps the archive and the evaluation of an approved package", {
    before:
      "reached: both objects; with the package's digest edited to match, the gate said that the archive's digest was verified",
    unchanged: all(
      artifact("dev", "runs/approved/model.tar.gz"),
      artifact("dev", "runs/approved/evaluation.json"),
      modelPackage(() => approved),
    ),
    chain: async (steps, there) => {
      const ben = await there.as("dev", "ml-engineer");
      for (const name of ["model.tar.gz", "evaluation.json"])
        await steps.refused("s3:PutObject", `writes runs/approved/${name}`, () =>
          ben.s3.send(
            new PutObjectCommand({ Bucket: there.artifacts("dev"), Key: `runs/approved/${name}`, Body: "mine" }),
          ),
        );
    },
  });

  const edits: Readonly<Record<string, (there: Platform, run: string) => object>> = {
    "another image": (there, run) => ({
      InferenceSpecification: {
        Containers: [
          {
            Image: there.image.replace(/:[^:]*$/, ":mine"),
            ModelDataUrl: `s3://${there.artifacts("dev")}/runs/${run}/model.tar.gz`,
          },
        ],
        SupportedContentTypes: ["image/jpeg"],
        SupportedResponseMIMETypes: ["application/json"],
      },
    }),
    "another place of the archive": (there) => ({
      InferenceSpecification: {
        Containers: [{ Image: there.image, ModelDataUrl: `s3://${there.artifacts("dev")}/runs/waiting/model.tar.gz` }],
        SupportedContentTypes: ["image/jpeg"],
        SupportedResponseMIMETypes: ["application/json"],
      },
    }),
    "a dataset that nobody looked at": () => ({ CustomerMetadataProperties: { datasetDigest: "mine" } }),
  };
  for (const [at, [what, edit]] of Object.entries(edits).entries())
    attack(`an ML engineer gives an approved package ${what}, and it is released`, {
      before: "reached: the gate said release, and the ledger would have named the ML engineer as approver",
      unchanged: serving("prod"),
      chain: async (steps, there) => {
        const run = `edited-${at}`;
        const arn = await approve(there, run);
        const ben = await there.as("dev", "ml-engineer");
        await steps.refused("sagemaker:UpdateModelPackage", "edits the package", () =>
          ben.sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn: arn, ...edit(there, run) })),
        );
        // Whoever may: the gate has the last word.
        await there.administrator.sagemaker.send(
          new UpdateModelPackageCommand({ ModelPackageArn: arn, ...edit(there, run) }),
        );
        await steps.guarded("asks the gate", async () => {
          const { verdict, reasons } = await gate(there, arn);
          assert.equal(verdict, "refuse", `the gate says ${verdict}: ${reasons.join("; ")}`);
          assert.match(reasons.join("; "), /edited|decision|have it approved again/);
        });
      },
    });

  for (const [role, home] of [
    ["ml-engineer", "dev"],
    ["data-scientist", "dev"],
    ["deployer", "dev"],
    ["auditor", "dev"],
    ["ml-engineer", "prod"],
    ["approver", "prod"],
  ] as const)
    attack(`the ${role} of ${home} approves a package of dev`, {
      before: "held: refused at the first request",
      unchanged: modelPackage(() => waiting),
      chain: async (steps, there) => {
        const { sagemaker } = await there.as(home, role);
        await steps.refused("sagemaker:UpdateModelPackage", "approves it", () =>
          sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn: waiting, ModelApprovalStatus: "Approved" })),
        );
      },
    });

  attack("the approver of dev edits a package that the approver then approves", {
    before: "held: refused at the first request",
    unchanged: modelPackage(() => waiting),
    chain: async (steps, there) => {
      const cleo = await there.as("dev", "approver");
      await steps.refused("sagemaker:UpdateModelPackage", "edits it", () =>
        cleo.sagemaker.send(
          new UpdateModelPackageCommand({ ModelPackageArn: waiting, CustomerMetadataProperties: { map50: "0.99" } }),
        ),
      );
    },
  });

  attack("the approver of dev edits a package in the request that approves it", {
    before: "reached: an approval that changes what it is about",
    unchanged: modelPackage(() => waiting),
    chain: async (steps, there) => {
      const cleo = await there.as("dev", "approver");
      await steps.refused("sagemaker:UpdateModelPackage", "edits and approves it", () =>
        cleo.sagemaker.send(
          new UpdateModelPackageCommand({
            ModelPackageArn: waiting,
            ModelApprovalStatus: "Approved",
            CustomerMetadataProperties: { map50: "0.99", reviewer: "mine" },
          }),
        ),
      );
    },
  });

  for (const role of ["ml-engineer", "approver", "deployer", "data-scientist", "auditor"] as const) {
    attack(`the ${role} of dev registers a package by hand`, {
      before: "held: refused at the first request",
      chain: async (steps, there) => {
        const { sagemaker } = await there.as("dev", role);
        await steps.refused("sagemaker:CreateModelPackage", "registers it", () =>
          sagemaker.send(
            new CreateModelPackageCommand({
              ModelPackageGroupName: "peregrine-dev-detector",
              ModelApprovalStatus: "PendingManualApproval",
              InferenceSpecification: {
                Containers: [
                  { Image: there.image, ModelDataUrl: `s3://${there.artifacts("dev")}/users/ben/model.tar.gz` },
                ],
                SupportedContentTypes: ["image/jpeg"],
                SupportedResponseMIMETypes: ["application/json"],
              },
            }),
          ),
        );
      },
    });
    attack(`the ${role} of dev deletes an approved package`, {
      before: "held: refused at the first request",
      unchanged: modelPackage(() => approved),
      chain: async (steps, there) => {
        const { sagemaker } = await there.as("dev", role);
        await steps.refused("sagemaker:DeleteModelPackage", "deletes it", () =>
          sagemaker.send(new DeleteModelPackageCommand({ ModelPackageName: approved })),
        );
      },
    });
  }

  for (const role of ["ml-engineer", "approver", "data-scientist", "auditor"] as const)
    for (const name of ["peregrine-dev-release", "peregrine-dev-image"])
      attack(`the ${role} of dev starts a build of ${name}`, {
        before: "held: refused at the first request",
        unchanged: project(name),
        chain: async (steps, there) => {
          const { codebuild } = await there.as("dev", role);
          await steps.refused("codebuild:StartBuild", "starts it", () =>
            codebuild.send(new StartBuildCommand({ projectName: name, buildspecOverride: "version: 0.2" })),
          );
        },
      });

  for (const role of ["ml-engineer", "approver", "data-scientist", "auditor", "deployer"] as const)
    attack(`the ${role} of dev sends a forged trial, or asks for a release in production`, {
      before: "held: refused at the first request",
      chain: async (steps, there) => {
        const { sqs } = await there.as("dev", role);
        for (const name of ["peregrine-dev-trials", "peregrine-requests-prod"])
          await steps.refusedToo("sqs:SendMessage", `sends to ${name}`, () =>
            sqs.send(new SendMessageCommand({ QueueUrl: there.queue(name), MessageBody: "{}" })),
          );
      },
    });
});

describe("production is changed by the release path alone", () => {
  /** CreateModel with a container's variables, a configuration of it, and an update without guardrails. */
  const replace = async (
    steps: Parameters<Parameters<typeof attack>[1]["chain"]>[0],
    there: Platform,
    { sagemaker }: Clients,
    name: string,
  ): Promise<void> => {
    const container = {
      Image: there.image,
      ModelDataUrl: `s3://${there.artifacts("prod")}/${there.released}`,
      Environment: { PYTHONWARNINGS: "all:0:antigravity.x:0:0", BROWSER: "id" },
    };
    const vpc = { SecurityGroupIds: ["sg-00000000"], Subnets: ["subnet-00000000"] };
    await steps.refused("sagemaker:CreateModel", "makes a model with variables of its own", () =>
      sagemaker.send(
        new CreateModelCommand({
          ModelName: name,
          EnableNetworkIsolation: true,
          VpcConfig: vpc,
          ExecutionRoleArn: there.roleArn("prod", "endpoint-execution"),
          PrimaryContainer: container,
        }),
      ),
    );
    await steps.refused("sagemaker:CreateEndpointConfig", "configures it", () =>
      sagemaker.send(
        new CreateEndpointConfigCommand({
          EndpointConfigName: name,
          ProductionVariants: [
            { VariantName: "champion", ModelName: name, InstanceType: "ml.g6.xlarge", InitialInstanceCount: 1 },
          ],
        }),
      ),
    );
    await steps.refused("sagemaker:UpdateEndpoint", "has production serve it", () =>
      sagemaker.send(new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: name })),
    );
  };

  attack("the ML engineer of prod replaces what production serves", {
    before:
      "reached: production's endpoint updates to the ML engineer's model, without approval, gate, alarm or ledger",
    unchanged: serving("prod"),
    chain: async (steps, there) => replace(steps, there, await there.as("prod", "ml-engineer"), "peregrine-prod-mine"),
  });
  attack("the deployer of prod replaces what production serves", {
    before: "reached: as the ML engineer",
    unchanged: serving("prod"),
    chain: async (steps, there) => replace(steps, there, await there.as("prod", "deployer"), "peregrine-prod-mine-too"),
  });

  attack("the deployer of prod has production serve the same model on one instance, without guardrails", {
    before: "reached: the update",
    unchanged: serving("prod"),
    chain: async (steps, there) => {
      const emil = await there.as("prod", "deployer");
      const config = "peregrine-prod-detector-again";
      await steps.refused("(sagemaker:CreateEndpointConfig|sagemaker:UpdateEndpoint)", "configures it anew", () =>
        emil.sagemaker.send(
          new CreateEndpointConfigCommand({
            EndpointConfigName: config,
            ProductionVariants: [
              {
                VariantName: "champion",
                ModelName: `${endpoint}-1`,
                InstanceType: "ml.g6.xlarge",
                InitialInstanceCount: 1,
              },
            ],
          }),
        ),
      );
      await steps.refused("sagemaker:UpdateEndpoint", "updates the endpoint", () =>
        emil.sagemaker.send(new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: config })),
      );
    },
  });

  for (const role of ["ml-engineer", "approver", "auditor"] as const) {
    attack(`the ${role} of prod goes back to another configuration by hand`, {
      before: role === "ml-engineer" ? "reached: the update" : "held: refused at the first request",
      unchanged: serving("prod"),
      chain: async (steps, there) => {
        const { sagemaker } = await there.as("prod", role);
        await steps.refused("sagemaker:UpdateEndpoint", "updates the endpoint", () =>
          sagemaker.send(new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: `${endpoint}-1` })),
        );
      },
    });
    attack(`the ${role} of prod turns production's weights`, {
      before: role === "ml-engineer" ? "reached: the weights" : "held: refused at the first request",
      unchanged: serving("prod"),
      chain: async (steps, there) => {
        const { sagemaker } = await there.as("prod", role);
        await steps.refused("sagemaker:UpdateEndpointWeightsAndCapacities", "turns them", () =>
          sagemaker.send(
            new UpdateEndpointWeightsAndCapacitiesCommand({
              EndpointName: endpoint,
              DesiredWeightsAndCapacities: [{ VariantName: "champion", DesiredInstanceCount: 1 }],
            }),
          ),
        );
      },
    });
    attack(`the ${role} of prod takes production down`, {
      before: "held: refused at the first request",
      unchanged: serving("prod"),
      chain: async (steps, there) => {
        const { sagemaker } = await there.as("prod", role);
        await steps.refused("sagemaker:DeleteEndpoint", "deletes the endpoint", () =>
          sagemaker.send(new DeleteEndpointCommand({ EndpointName: endpoint })),
        );
      },
    });
  }

  attack("the ML engineer of dev makes a model for production", {
    before: "held: refused at the first request",
    unchanged: serving("prod"),
    chain: async (steps, there) => replace(steps, there, await there.as("dev", "ml-engineer"), "peregrine-prod-mine"),
  });
});
