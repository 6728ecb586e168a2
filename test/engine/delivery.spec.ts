import assert from "node:assert/strict";
import {
  BatchGetBuildsCommand,
  type Build,
  ListBuildsForProjectCommand,
  StopBuildCommand,
} from "@aws-sdk/client-codebuild";
import { DescribePipelineExecutionCommand, ListPipelineExecutionStepsCommand } from "@aws-sdk/client-sagemaker";
import type { RecordedRelease } from "../../records/release";
import { allSteps, type PipelineDefinition } from "../../infra/training/definition";
import { eventually } from "../support/eventually";
import { takesFrom } from "../support/queue-policy";
import { ProjectCopy } from "./project-copy";
import { Registry } from "./registry";
import { Runbook } from "./runbook";
import { datasetBucket } from "../support/dataset";

const buildProject = "peregrine-dev-release";
const pollMs = 500;

const pipeline = "peregrine-dev-training";

interface Trial {
  readonly arn: string;
  readonly status: string;
  readonly failure: string;
  readonly summary: string;
}

describe("releases in the cloud by itself", function () {
  this.slow(120_000);
  let project: ProjectCopy;
  let registry: Registry;
  let good: string;
  let blind: string;
  /** Of the pipeline, as the program made it. */
  let definition: string;

  const json = async <Answer>(...args: string[]): Promise<Answer> =>
    JSON.parse((await project.succeed(process.execPath, "scripts/peregrine.cjs", ...args, "--json")).stdout) as Answer;
  const releases = (): Promise<RecordedRelease[]> => json<RecordedRelease[]>("release", "list", "--stack", "staging");
  const live = async (): Promise<[string | undefined, boolean]> => {
    const [status] = await json<{ desired?: { modelPackageArn: string }; converged: boolean }[]>(
      "status",
      "--stack",
      "staging",
    );
    return [status!.desired?.modelPackageArn, status!.converged];
  };
  const approve = (arn: string) =>
    project.succeed(process.execPath, "scripts/peregrine.cjs", "approve", arn, "--why", "reviewed");

  /** All builds, the newest first. */
  async function builds(): Promise<Build[]> {
    const { ids = [] } = await registry.codebuild.send(new ListBuildsForProjectCommand({ projectName: buildProject }));
    return ids.length === 0 ? [] : (await registry.codebuild.send(new BatchGetBuildsCommand({ ids }))).builds!;
  }

  async function logOf({ logs }: Build): Promise<string> {
    const { events } = await registry.json(
      "logs",
      "get-log-events",
      "--log-group-name",
      logs!.groupName!,
      "--log-stream-name",
      logs!.streamName!,
      "--start-from-head",
    );
    return (events as { message: string }[]).map(({ message }) => message.trimEnd()).join("\n");
  }

  /**
   * Runs the pipeline's own `DeployStaging` for a package, as if it had been registered a step before.
   * @returns the execution and its step, once it has ended.
   */
  async function trial(packageArn: string, meanwhile?: () => Promise<unknown>): Promise<Trial> {
    const step = allSteps((JSON.parse(definition) as PipelineDefinition).Steps).find(
      ({ Name }) => Name === "DeployStaging",
    )!;
    await update(
      JSON.stringify({
        Version: "2020-12-01",
        Metadata: {},
        Parameters: [],
        Steps: [{ ...step, Arguments: { modelPackageArn: packageArn } }],
      }),
    );
    const { PipelineExecutionArn: arn } = await registry.json(
      "sagemaker",
      "start-pipeline-execution",
      "--pipeline-name",
      pipeline,
    );
    await update(definition);
    await meanwhile?.();
    return ended(arn as string);
  }
  /** An execution that runs, once it has ended. */
  async function ended(arn: string): Promise<Trial> {
    const status = await eventually(
      async () => {
        const { PipelineExecutionStatus } = await registry.sagemaker.send(
          new DescribePipelineExecutionCommand({ PipelineExecutionArn: arn }),
        );
        if (PipelineExecutionStatus === "Executing")
          assert.fail(
            `${arn} is executing; builds: ${JSON.stringify((await builds()).map(({ buildStatus, phases }) => [buildStatus, phases?.at(-1)]))}`,
          );
        return PipelineExecutionStatus!;
      },
      undefined,
      pollMs,
    );
    const { PipelineExecutionSteps: [one] = [] } = await registry.sagemaker.send(
      new ListPipelineExecutionStepsCommand({ PipelineExecutionArn: arn }),
    );
    const outputs = one?.Metadata?.Callback?.OutputParameters ?? [];
    return {
      arn,
      status,
      failure: one?.FailureReason ?? "",
      summary: outputs.find(({ Name }) => Name === "summary")?.Value ?? "",
    };
  }
  const update = (text: string) =>
    registry.json("sagemaker", "update-pipeline", "--pipeline-name", pipeline, "--pipeline-definition", text);
  const approvalOf = async (arn: string): Promise<[string, string | undefined]> => {
    const found = await registry.json("sagemaker", "describe-model-package", "--model-package-name", arn);
    return [found.ModelApprovalStatus, found.ApprovalDescription];
  };

  /** The build that an action starts, when it has ended. */
  async function buildOf(action: () => Promise<unknown>): Promise<Build> {
    const count = (await builds()).length + 1;
    await action();
    return newestBuild(count);
  }

  /**
   * The newest build, when it has ended: a build tells the pipeline how its trial went before it ends itself.
   * @param count of all builds by then.
   */
  async function newestBuild(count?: number): Promise<Build> {
    return eventually(
      async () => {
        const all = await builds();
        if (all.length !== (count ?? all.length) || all[0]!.buildStatus === "IN_PROGRESS")
          assert.fail(`${all.length} builds, the newest ${JSON.stringify(all[0]?.phases?.at(-1))}`);
        return all[0]!;
      },
      undefined,
      pollMs,
    );
  }

  before(async () => {
    project = await ProjectCopy.make({ releaseTargets: "staging" });
    registry = new Registry(project, await project.startCloud("--speed", "60", "--lags", "on"));
    const [archives] = await Promise.all([
      registry.archives({ good: undefined, blind: 0.999 }),
      project.bringUp("dev", "staging"),
      registry.seedDataset(2),
    ]);
    const approval = "PendingManualApproval";
    definition = (await registry.json("sagemaker", "describe-pipeline", "--pipeline-name", pipeline))
      .PipelineDefinition as string;
    [good, blind] = [
      await registry.register("good", archives.good, { approval }),
      await registry.register("blind", archives.blind, { approval }),
    ];
  });
  after(async () => {
    await project?.remove();
  });

  it("are tried in staging by the pipeline, before anybody decides: from the committed source, as the build's role", async () => {
    assert.deepEqual(await builds(), []);
    const { status, failure, summary } = await trial(good);
    const build = await newestBuild();
    assert.equal(status, "Succeeded", `${failure}\n${await logOf(build)}`);
    assert.match(
      summary,
      /^release r-[0-9a-f]{12} on peregrine-staging-detector, 2 golden images, \d+ detections, F1 0\.\d+ against the labels/,
    );
    assert.deepEqual(await live(), [good, true]);
    assert.deepEqual(await approvalOf(good), ["PendingManualApproval", undefined]);
    const [record, ...others] = await releases();
    assert.deepEqual(
      [record!.kind, record!.outcome, record!.decision, others.length],
      ["promote", "live", undefined, 0],
    );
    assert.equal(record!.gitCommit, (await project.succeed("git", "rev-parse", "HEAD")).stdout.trim());
    assert.match(record!.entry.by, /assumed-role\/peregrine-dev-release-build\/AWSCodeBuild-/);
    assert.match(build.initiator!, /^peregrine-dev-staging-trial\/peregrine-dev-deploy-candidate/);
  });

  it("leave the stacks as their programs want them: a second update of either changes nothing", async () => {
    for (const stack of ["dev", "staging"]) {
      const preview = await project.pulumi(
        "preview",
        "--stack",
        stack,
        "--policy-pack",
        "policies",
        "--expect-no-changes",
      );
      assert.equal(preview.code, 0, preview.output);
    }
  });

  it("happen once: an approval finds in staging what its trial brought there", async () => {
    const build = await buildOf(() => approve(good));
    assert.equal(build.buildStatus, "SUCCEEDED", await logOf(build));
    assert.match(await logOf(build), /staging: \S+ was released before; it is left as it is/);
    assert.equal((await releases()).length, 1);
  });

  it("fail a pipeline whose candidate fails in staging, with the reason; the candidate is rejected", async () => {
    const { status, failure } = await trial(blind);
    const build = await newestBuild();
    assert.equal(status, "Failed", await logOf(build));
    assert.match(
      failure,
      /^staging: The endpoint peregrine-staging-detector (fails its tests: .*nothing found where \d+ objects are expected|is InService on .* SageMaker took the update back by alarm: - peregrine-staging-detector-rollout-golde)/,
    );
    assert.equal(build.buildStatus, "FAILED");
    const [approval, why] = await approvalOf(blind);
    assert.equal(approval, "Rejected");
    assert.match(
      why!,
      /^Refused in staging: The endpoint peregrine-staging-detector .*nothing found where \d+ objects are expected/,
    );
    assert.deepEqual(await live(), [good, true]);
    assert.equal((await releases())[0]!.outcome, "rolled-back");
  });

  it("fail a pipeline whose build is lost before it can say anything; the runbook tries again", async () => {
    const count = (await builds()).length + 1;
    const {
      arn: EXECUTION_ARN,
      status,
      failure,
    } = await trial(good, async () => {
      const all = await eventually(async () => {
        const found = await builds();
        assert.ok(found.length === count);
        return found;
      });
      await registry.codebuild.send(new StopBuildCommand({ id: all[0]!.id! }));
    });
    assert.deepEqual(
      [
        status,
        /^The release build peregrine-dev-release:\S+ ended as STOPPED and said nothing of the candidate/.test(failure),
      ],
      ["Failed", true],
      failure,
    );
    assert.deepEqual(await approvalOf(good), ["Approved", "reviewed"]);
    const page = new Runbook(project, "docs/runbooks/trial-failed.md");
    const looked = await page.run("aws sagemaker list-pipeline-execution-steps", { EXECUTION_ARN });
    assert.match(
      looked.stdout,
      /^DeployStaging\tFailed\tThe release build peregrine-dev-release:\S+ ended as STOPPED/m,
    );
    assert.match(looked.stdout, /LIVE NOW +peregrine-dev-detector\/1/);
    await page.run("aws sagemaker retry-pipeline-execution", { EXECUTION_ARN });
    assert.equal((await ended(EXECUTION_ARN)).status, "Succeeded");
    assert.match(
      (await page.run("npx peregrine status", {})).stdout,
      /^staging: desired r-[0-9a-f]{12} \(peregrine-dev-detector\/1\); .* InService/m,
    );
    assert.deepEqual(page.left, []);
  });

  it("fail when a model that was refused is approved all the same: the release before stays live, and people are told as critical what to do", async () => {
    const { alertTopicArns } = JSON.parse(
      (await project.succeed("pulumi", "stack", "output", "--stack", "dev", "--json")).stdout,
    ) as { alertTopicArns: { critical: string } };
    // Version 1 of the AWS CLI asks for queues at an old address of AWS, whatever the profile says.
    const sqs = (...args: string[]) => registry.json("sqs", ...args, "--endpoint-url", registry.server.url);
    const onCall = `arn:aws:sqs:${registry.server.region}:${registry.server.accountId}:on-call`;
    const { QueueUrl: queue } = await sqs(
      "create-queue",
      "--queue-name",
      "on-call",
      "--attributes",
      JSON.stringify({ Policy: takesFrom(alertTopicArns.critical, onCall) }),
    );
    await registry.json(
      "sns",
      "subscribe",
      "--topic-arn",
      alertTopicArns.critical,
      "--protocol",
      "sqs",
      "--notification-endpoint",
      onCall,
    );
    const build = await buildOf(() => approve(blind));
    assert.equal(build.buildStatus, "FAILED", await logOf(build));
    assert.match(await logOf(build), /nothing found where \d+ objects are expected/);
    assert.deepEqual(await live(), [good, true]);
    assert.equal((await releases())[0]!.outcome, "rolled-back");
    const message = await eventually(async () => {
      const {
        Messages: [first],
      } = await sqs("receive-message", "--queue-url", queue, "--wait-time-seconds", "1");
      return (JSON.parse(first.Body) as { Message: string }).Message;
    });
    assert.match(
      message,
      /^"?\[dev\] CRITICAL: the release build of an approved model package ended as FAILED at .*peregrine status.*peregrine release list --stack staging.*docs\/runbooks\/release-failed\.md/s,
    );
    await sqs("delete-queue", "--queue-url", queue);
  });

  it("can do nothing but release: their role is refused infrastructure, identities and decisions", async () => {
    const account = registry.server.accountId;
    const role = "peregrine-staging-endpoint-execution";
    const attempts = [
      `aws sagemaker update-model-package --model-package-arn ${blind} --model-approval-status Approved`,
      `aws iam put-role-policy --role-name ${role} --policy-name more --policy-document '{"Version":"2012-10-17","Statement":[]}'`,
      `aws iam delete-role --role-name ${role}`,
      `aws s3api delete-bucket --bucket peregrine-staging-artifacts-${account}`,
      `aws s3api put-object --bucket peregrine-dev-artifacts-${account} --key sources/peregrine.zip`,
      `aws s3api delete-object --bucket peregrine-staging-artifacts-${account} --key ledger/ledger.jsonl`,
      `aws sns delete-topic --topic-arn arn:aws:sns:${registry.server.region}:${account}:peregrine-staging-alerts-critical`,
      `aws events delete-rule --name peregrine-staging-endpoint-trouble`,
      `aws sagemaker delete-endpoint --endpoint-name peregrine-dev-detector`,
      `aws ssm put-parameter --name /peregrine/prod/release --value none --type String`,
      `aws codebuild start-build --project-name ${buildProject}`,
      `aws lambda delete-function --function-name peregrine-dev-announce-candidate`,
      `aws sqs send-message --endpoint-url ${registry.server.url} --queue-url ${registry.server.url}/${account}/peregrine-dev-trials --message-body none`,
      `aws sagemaker send-pipeline-execution-step-success --callback-token 0123456789`,
    ];
    const commands = attempts.map(
      (attempt, index) =>
        `if ${attempt} > answer 2>&1; then echo "attempt ${index} ALLOWED"; else grep -Eq 'AccessDenied|not authorized' answer && echo "attempt ${index} denied" || { echo "attempt ${index} OTHERWISE"; cat answer; }; fi`,
    );
    const buildspec = JSON.stringify({ version: 0.2, phases: { build: { commands } } });
    const build = await buildOf(() =>
      registry.json("codebuild", "start-build", "--project-name", buildProject, "--buildspec-override", buildspec),
    );
    const log = await logOf(build);
    assert.equal(build.buildStatus, "SUCCEEDED", log);
    for (const [index, attempt] of attempts.entries())
      assert.match(log, new RegExp(`^attempt ${index} denied$`, "m"), `${attempt}\n${log}`);
  });

  it("leave nothing behind in a teardown, and the working tree clean", async () => {
    const torn = await project.peregrine("teardown", "--stack", "staging,dev", "--yes");
    assert.equal(torn.code, 0, torn.output);
    const { inventory } = await json<{ inventory: string[] }>("local", "status");
    assert.deepEqual(
      inventory.filter((arn) => !arn.includes(datasetBucket)),
      [],
    );
    assert.equal(await project.changes(), "");
  });
});
