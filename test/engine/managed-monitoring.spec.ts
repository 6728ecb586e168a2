import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  DescribeMonitoringScheduleCommand,
  DescribeProcessingJobCommand,
  ListMonitoringExecutionsCommand,
  ListPipelineExecutionStepsCommand,
  type MonitoringExecutionSummary,
  StartPipelineExecutionCommand,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { baselinePrefix, reportFiles } from "../../contract/monitoring";
import { eventually } from "../support/eventually";
import { makeTemporaryFolder } from "../support/temporary-folder";
import { artifacts, endpoint, Staging } from "./staging";

const repository = resolve(__dirname, "..", "..");
const hourMs = 3_600_000;
const hourOf = (time: Date): number => Math.floor(time.getTime() / hourMs);
/** Many hours of the cloud's clock. */
const patienceMs = 10 * 60_000;
const requests = 12;

/** The program's other mode: Model Monitor's schedule, and its way back to the pipeline. */
describe("monitoring by Model Monitor, as the program sets it up", function () {
  this.slow(120_000);
  const folder = makeTemporaryFolder("baseline");
  let staging: Staging;

  before(async () => {
    staging = await Staging.up({ existingCustomerOf: ["model-monitor"] });
  });
  after(() => staging?.project.remove());

  const set = (name: string, value: string) =>
    staging.project.succeed("pulumi", "config", "set", "--path", `peregrine:${name}`, value, "--stack", "staging");
  const up = async () => {
    const finished = await staging.project.up("staging");
    assert.equal(finished.code, 0, finished.output);
  };
  /** Files that a monitoring job left, by name. */
  const report = async (jobArn: string): Promise<Map<string, string>> => {
    const { registry } = staging;
    const { ProcessingOutputConfig } = await registry.sagemaker.send(
      new DescribeProcessingJobCommand({ ProcessingJobName: jobArn.split("/").at(-1)! }),
    );
    const prefix = `${ProcessingOutputConfig!.Outputs![0]!.S3Output!.S3Uri!.slice(`s3://${artifacts}/`.length)}/`;
    const keys = await registry.list(artifacts, prefix);
    const contents = await Promise.all(keys.map((key) => registry.get(artifacts, key)));
    return new Map(keys.map((key, index) => [key.slice(prefix.length), contents[index]!.toString()]));
  };

  it("is refused where settings or policies do not say that the account used it before", async () => {
    const refused = async (reason: RegExp) => {
      const preview = await staging.project.pulumi("preview", "--stack", "staging", "--policy-pack", "policies");
      assert.notEqual(preview.code, 0);
      assert.match(preview.output, reason);
    };
    await set("monitoringMode", "managed");
    await refused(/monitoringMode: .*existingCustomerOf/);
    await set("existingCustomerOf[0]", "model-monitor");
    await refused(/MonitoringSchedule needs model-monitor, which is closed to new customers/);
  });

  it("runs every hour, and writes what our own job writes about the same hour", async () => {
    const { registry, images } = staging;
    const policies = join(staging.project.folder, "policies", "config", "staging.json");
    const allowed = { "no-closed-services": { existingCustomerOf: ["model-monitor"] } };
    writeFileSync(policies, JSON.stringify({ ...JSON.parse(readFileSync(policies, "utf8")), ...allowed }));
    await set("monitoringEveryHours", "1");
    await up();
    const { modelSha256 } = (await staging.releases()).at(-1)!;
    execFileSync(
      join(repository, ".venv", "bin", "python"),
      [
        "-c",
        "import sys; sys.path[:0] = ['ml', 'ml/tests']; from pathlib import Path; import monitoring_data as data; data.write_baseline(Path(sys.argv[1]), model=sys.argv[2])",
        folder,
        modelSha256,
      ],
      { cwd: repository },
    );
    for (const file of readdirSync(folder))
      await registry.put(artifacts, `${baselinePrefix(modelSha256)}${file}`, readFileSync(join(folder, file)));

    const hour = await eventually(async () => {
      const hours = new Set<number>();
      for (let sent = 0; sent < requests; sent += 1) {
        hours.add(hourOf(await registry.now()));
        await registry.runtime.send(
          new InvokeEndpointCommand({
            EndpointName: endpoint,
            ContentType: "image/jpeg",
            Body: readFileSync(images[sent % images.length]!),
            InferenceId: `managed-${sent}/${sent}`,
          }),
        );
      }
      hours.add(hourOf(await registry.now()));
      assert.equal(hours.size, 1, "the hour turned in between");
      return [...hours][0]!;
    }, patienceMs);

    const due = (hour + 1) * hourMs;
    const execution = await eventually(async () => {
      const { MonitoringExecutionSummaries: all = [] } = await registry.sagemaker.send(
        new ListMonitoringExecutionsCommand({ MonitoringScheduleName: "peregrine-staging-monitoring" }),
      );
      const one = all.find(({ ScheduledTime }) => ScheduledTime!.getTime() === due);
      assert.ok(one && isOver(one), JSON.stringify(all));
      return one;
    }, patienceMs);
    assert.match(execution.MonitoringExecutionStatus!, /^Completed/, execution.FailureReason);
    const managed = await report(execution.ProcessingJobArn!);
    // The release before may have asked for golden images in the same hour.
    const records = recordsOf(managed);
    assert.ok(records >= requests, `${records} records`);

    // SageMaker deletes no schedule and no pipeline that runs, so the mode changes between two runs.
    await eventually(async () => {
      await set("monitoringMode", "self-hosted");
      await up();
    }, patienceMs);
    const own = await eventually(async () => {
      const hoursBack = hourOf(await registry.now()) - hour;
      const { PipelineExecutionArn } = await registry.sagemaker.send(
        new StartPipelineExecutionCommand({
          PipelineName: "peregrine-staging-monitoring",
          PipelineParameters: [{ Name: "HoursBack", Value: String(hoursBack) }],
        }),
      );
      const job = await eventually(async () => {
        const { PipelineExecutionSteps: [step] = [] } = await registry.sagemaker.send(
          new ListPipelineExecutionStepsCommand({ PipelineExecutionArn }),
        );
        assert.match(String(step?.StepStatus), /^(Succeeded|Failed)$/);
        assert.equal(step!.StepStatus, "Succeeded", step!.FailureReason);
        return step!.Metadata!.ProcessingJob!.Arn!;
      }, patienceMs);
      const files = await report(job);
      assert.equal(recordsOf(files), records, "another hour turned meanwhile");
      return files;
    }, patienceMs);

    assert.deepEqual([...own.keys()].sort(), [...managed.keys()].sort());
    for (const file of [reportFiles.statistics, reportFiles.constraints, reportFiles.violations])
      assert.deepEqual(JSON.parse(own.get(file)!), JSON.parse(managed.get(file)!), file);
  });

  it("leaves nothing to change, and no schedule of Model Monitor", async () => {
    const preview = await staging.project.pulumi("preview", "--stack", "staging", "--expect-no-changes");
    assert.equal(preview.code, 0, preview.output);
    await assert.rejects(
      staging.registry.sagemaker.send(
        new DescribeMonitoringScheduleCommand({ MonitoringScheduleName: "peregrine-staging-monitoring" }),
      ),
      { name: "ResourceNotFound" },
    );
  });
});

function isOver({ MonitoringExecutionStatus: status }: MonitoringExecutionSummary): boolean {
  return !["Pending", "InProgress"].includes(status!);
}

function recordsOf(files: ReadonlyMap<string, string>): number {
  return (JSON.parse(files.get(reportFiles.report) ?? "{}") as { records?: number }).records ?? 0;
}
