import { z } from "zod";
import { readJson } from "../../contract/json";
import { reportFiles, reportsPrefix } from "../../contract/monitoring";
import { ObjectStore } from "../../aws/s3";
import { SageMaker } from "../../aws/sagemaker";
import { callerIdentity } from "../../aws/sts";
import { poll } from "../../automation/poll";
import type { GoldenImage } from "../../automation/release/golden/images";
import type { Environment } from "../../automation/stack/environment";
import { type OnProgress, patience, type Rehearsal } from "./rehearsal";
import { sendTiles } from "./traffic";

const measured = z.object({
  labelled: z.number(),
  coverage: z.number().nullable(),
  lag_hours: z.number().nullable(),
  metrics: z.record(z.string(), z.object({ value: z.number().nullable() })),
});

/** `report.json` of a monitoring run, as far as the rehearsal reads it. */
const reportShape = z.object({
  complete: z.boolean(),
  unwatched: z.array(z.string()),
  records: z.number(),
  drifted: z.boolean(),
  models: z.array(
    z.object({
      verdict: z
        .object({
          score: z.number().nullable(),
          features: z.array(z.object({ name: z.string(), effect: z.number() })),
          examples: z.array(z.string()),
          estimated_map50: z.object({ value: z.number().nullable() }),
        })
        .nullable(),
    }),
  ),
  /** Absent while nobody has labelled anything. */
  quality: z
    .object({
      variants: z.record(z.string(), measured),
      /** By variant, kind and name. */
      slices: z.record(z.string(), z.record(z.string(), z.record(z.string(), measured))),
    })
    .nullable(),
});
export type MonitoringReport = z.infer<typeof reportShape>;

/**
 * Sends tiles to an environment that is served, then has an ML engineer of it start the monitoring at once instead of at
 * the full hour.
 * @returns what the run found.
 */
export async function monitorTraffic(
  rehearsal: Rehearsal,
  environment: Environment,
  tiles: readonly GoldenImage[],
  onProgress: OnProgress,
): Promise<MonitoringReport> {
  await sendTiles(rehearsal, environment, tiles, onProgress);
  return reportOf(environment, (await monitor(environment, onProgress)).split("/").at(-1)!);
}

/**
 * Has an ML engineer of the environment start its monitoring, of the hour until now.
 * @returns ARN of the execution, which has ended well.
 */
export async function monitor(environment: Environment, onProgress: OnProgress): Promise<string> {
  const sagemaker = new SageMaker({ ...environment.session, profile: `ml-engineer-${environment.name}` });
  const { monitoringPipeline } = await environment.outputs();
  const { at } = await callerIdentity(environment.session);
  onProgress("monitoring the hour until now");
  const execution = await sagemaker.startPipeline(
    monitoringPipeline!,
    { WindowEnd: "now", HoursBack: "1" },
    `rehearsal-${at.getTime()}-${"0".repeat(16)}`,
  );
  const ended = await poll(
    () => sagemaker.describePipelineExecution(execution),
    ({ PipelineExecutionStatus: status }) => status !== "Executing",
    patience,
  );
  if (ended.PipelineExecutionStatus !== "Succeeded")
    throw new Error(`monitoring ended as ${ended.PipelineExecutionStatus}: ${ended.FailureReason ?? execution}`);
  return execution;
}

async function reportOf(environment: Environment, run: string): Promise<MonitoringReport> {
  const { artifactsBucket, endpointName } = await environment.outputs();
  const key = `${reportsPrefix}${endpointName}/${run}/${reportFiles.report}`;
  const body = await new ObjectStore(environment.session).get({ bucket: artifactsBucket, key });
  if (!body) throw new Error(`the run left no s3://${artifactsBucket}/${key}`);
  const read = readJson(body.toString("utf8"), reportShape);
  if (read.kind !== "value") throw new Error(`s3://${artifactsBucket}/${key} is no report: ${JSON.stringify(read)}`);
  return read.value;
}
