import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeArchiveCommand, EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  DescribeDomainCommand,
  DescribePipelineExecutionCommand,
  DescribeProcessingJobCommand,
  ListPipelineExecutionStepsCommand,
  ListProcessingJobsCommand,
  ListSpacesCommand,
  ListUserProfilesCommand,
  SageMakerClient,
  StartPipelineExecutionCommand,
} from "@aws-sdk/client-sagemaker";
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually } from "../support/eventually";
import { ProjectCopy } from "./project-copy";

interface Status {
  readonly inventory: readonly string[];
}

/**
 * Has the profile of the settings, `ab`, take the deployer's role, as an engineer's does after the first update.
 * @returns what puts it back.
 */
function asDeployer(env: NodeJS.ProcessEnv, environment: string): () => void {
  const files = [env["AWS_CONFIG_FILE"]!, env["AWS_SHARED_CREDENTIALS_FILE"]!].map((file) => ({
    file,
    text: readFileSync(file, "utf8"),
  }));
  const [config, credentials] = files;
  const [, deployer] = new RegExp(`^\\[profile deployer-${environment}\\]\n((?:.+\n)+)`, "m").exec(config!.text)!;
  writeFileSync(config!.file, config!.text.replace(/^\[profile ab\]\n(?:.+\n)+/m, `[profile ab]\n${deployer}`));
  // Own keys would go before the process.
  writeFileSync(credentials!.file, credentials!.text.replace("[ab]", "[administrator]"));
  return () => files.forEach(({ file, text }) => writeFileSync(file, text));
}

/** All three environments with everything that their settings ask for, on the engine, under the policy pack. */
describe("the whole platform on the local cloud", function () {
  this.slow(120_000);
  const stacks = ["dev", "staging", "prod"];
  let project: ProjectCopy;

  const inventory = async (): Promise<readonly string[]> => {
    const { stdout } = await project.succeed(process.execPath, "scripts/peregrine.cjs", "local", "status", "--json");
    return (JSON.parse(stdout) as Status).inventory;
  };
  const client = <C>(Client: new (settings: object) => C): C => {
    Object.assign(
      process.env,
      Object.fromEntries(Object.entries(project.env).filter(([name]) => name.startsWith("AWS_"))),
    );
    return new Client({ region: "eu-central-1" });
  };

  before(async () => {
    project = await ProjectCopy.make({ releaseTargets: "staging,prod" });
    await project.startCloud("--speed", "60", "--lags", "on");
  });
  after(() => project?.remove());

  it("comes up under the policy pack, networks, trails and Studio included", async () => {
    await project.bringUp(...stacks);
    const there = await inventory();
    for (const [what, count] of [
      [":vpc/", 2],
      [":vpc-endpoint/", 8],
      [":trail/", 3],
      [":budget/", 6],
      ["-access-logs-", 1],
      [":anomalymonitor/", 1],
      [":vpc-flow-log/", 2],
      [":domain/", 1],
      [":archive/", 3],
    ] as const)
      assert.equal(
        there.filter((arn) => arn.includes(what)).length,
        count,
        `${what}: ${there.filter((arn) => arn.includes(what)).join(", ")}`,
      );
  });

  it("finds nothing to change when it is brought up again, neither in the program nor in AWS", async () => {
    for (const stack of stacks) {
      const again = await project.up(stack, "--refresh", "--expect-no-changes");
      assert.equal(again.code, 0, again.output);
    }
  });

  it("monitors with the role's own rights from a closed network, and says so where there was nothing to judge", async () => {
    const sagemaker = client(SageMakerClient);
    const { PipelineExecutionArn } = await sagemaker.send(
      new StartPipelineExecutionCommand({ PipelineName: "peregrine-staging-monitoring" }),
    );
    await eventually(async () => {
      const { PipelineExecutionStatus: status, FailureReason: reason } = await sagemaker.send(
        new DescribePipelineExecutionCommand({ PipelineExecutionArn }),
      );
      assert.ok(status !== "Executing");
      if (status !== "Succeeded") {
        const { PipelineExecutionSteps } = await sagemaker.send(
          new ListPipelineExecutionStepsCommand({ PipelineExecutionArn }),
        );
        throw new Error(`${reason}: ${PipelineExecutionSteps?.map(({ FailureReason }) => FailureReason).join("; ")}`);
      }
    });
    const { ProcessingJobSummaries: jobs } = await sagemaker.send(
      new ListProcessingJobsCommand({ NameContains: "peregrine-staging-run-monitor" }),
    );
    const { ExitMessage: said } = await sagemaker.send(
      new DescribeProcessingJobCommand({ ProcessingJobName: jobs![0]!.ProcessingJobName! }),
    );
    assert.match(said!, /not judged: no answer was captured/);
  });

  it("is changed with the deployer's rights alone where settings touch no role, and no further", async () => {
    const undo = asDeployer(project.env, "staging");
    try {
      const up = () => project.up("staging");
      const set = (key: string, value: string) =>
        project.succeed("pulumi", "config", "set", `peregrine:${key}`, value, "--stack", "staging");
      for (const [key, value] of [
        ["eventRetentionDays", "100"],
        ["monthlyBudgetUsd", "1600"],
        ["epochs", "7"],
        ["learningRate", "0.002"],
        ["alertEmail", "team@example.org"],
      ] as const)
        await set(key, value);
      const changed = await up();
      assert.equal(changed.code, 0, changed.output);
      // Jobs that may run longer are a right of the role that starts them: an administrator's business.
      await set("trainingMaxHours", "20");
      const refused = await up();
      assert.notEqual(refused.code, 0);
      assert.match(
        refused.output,
        /assumed-role\/peregrine-staging-deployer\/emil is not authorized to perform: iam:(PutRolePolicy|CreatePolicyVersion|DeletePolicyVersion) on resource: .*peregrine-staging-/,
      );
      await project.succeed("git", "checkout", "--quiet", "Pulumi.staging.yaml");
      const back = await up();
      assert.equal(back.code, 0, back.output);
    } finally {
      undo();
    }
    const preview = await project.pulumi(
      "preview",
      "--stack",
      "staging",
      "--policy-pack",
      "policies",
      "--expect-no-changes",
    );
    assert.equal(preview.code, 0, preview.output);
  });

  it("has a Studio with a profile and a space per person, where the settings say so", async () => {
    const { studioDomainId: DomainId } = JSON.parse(
      (await project.succeed("pulumi", "stack", "output", "--json", "--stack", "dev")).stdout,
    ) as Record<string, string>;
    const sagemaker = client(SageMakerClient);
    const domain = await sagemaker.send(new DescribeDomainCommand({ DomainId }));
    assert.deepEqual(
      [domain.Status, domain.TagPropagation, domain.DomainSettings?.ExecutionRoleIdentityConfig],
      ["InService", "ENABLED", "USER_PROFILE_NAME"],
    );
    assert.deepEqual(
      (await sagemaker.send(new ListUserProfilesCommand({ DomainIdEquals: DomainId }))).UserProfiles?.map(
        ({ UserProfileName }) => UserProfileName,
      ).sort(),
      ["anna", "ben"],
    );
    assert.deepEqual(
      (await sagemaker.send(new ListSpacesCommand({ DomainIdEquals: DomainId }))).Spaces?.map(
        ({ SpaceName }) => SpaceName,
      ).sort(),
      ["anna-lab", "ben-lab"],
    );
  });

  it("delivers and archives what comes to its own bus, and loses nothing", async () => {
    const events = client(EventBridgeClient);
    await events.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: "peregrine-dev-events",
            Source: "peregrine.model",
            DetailType: "Drift Detected",
            Detail: JSON.stringify({ severity: "warning", message: "brightness moved" }),
          },
        ],
      }),
    );
    await eventually(async () =>
      assert.ok(
        ((await events.send(new DescribeArchiveCommand({ ArchiveName: "peregrine-dev-events" }))).EventCount ?? 0) >= 1,
      ),
    );
    const sqs = client(SQSClient);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "peregrine-dev-dead-letters" }));
    assert.equal(
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] })))
        .Attributes?.["ApproximateNumberOfMessages"],
      "0",
    );
  });

  it("leaves the audit bucket and its key of prod when it is torn down, names them, and leaves nothing else", async () => {
    const torn = await project.peregrine("teardown", "--stack", stacks.join(","), "--yes");
    assert.equal(torn.code, 0, torn.output);
    assert.match(
      torn.stdout,
      /Kept on purpose[^]*arn:aws:s3:::peregrine-prod-audit-\d{12}-[0-9a-f]{7}\n[^]*teardown --stack prod --with-audit/,
    );
    const left = await inventory();
    assert.equal(left.length, 2, left.join("\n"));
    assert.match([...left].sort().join(), /:kms:.*:key\/.*,arn:aws:s3:::peregrine-prod-audit-/);
    assert.equal(await project.changes(), "");
  });

  it("comes up again beside the kept bucket, with a Studio, and deletes all when asked to but people's home directories", async () => {
    appendFileSync(join(project.folder, "Pulumi.prod.yaml"), "  peregrine:studio: true\n");
    await project.bringUp("prod");
    assert.equal((await inventory()).filter((arn) => arn.includes("-prod-audit-")).length, 2);
    const torn = await project.peregrine("teardown", "--stack", "prod", "--with-audit", "--yes");
    assert.equal(torn.code, 0, torn.output);
    assert.match(
      torn.stdout,
      /Home directories of Studio, kept on purpose:\n {2}- arn:aws:elasticfilesystem:\S+:file-system\/fs-\w+\nTheir key waits for its deletion .*delete-file-system --file-system-id fs-/,
    );
    const left = await inventory();
    assert.equal(left.length, 1, left.join("\n"));
    assert.match(left[0]!, /:file-system\/fs-/);
  });
});
