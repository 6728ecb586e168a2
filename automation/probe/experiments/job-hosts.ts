import { Logs } from "../../../aws/logs";
import { Experiments, type JobKind } from "../../../aws/sagemaker-experiments";
import { type Bench, roleIsNew } from "../bench";
import { held, refuted } from "../answer";
import type { Experiment } from "../experiment";

const hosts = ["ml.g4dn.xlarge", "ml.g5.xlarge", "ml.g6.xlarge"];
const kinds: readonly JobKind[] = ["training", "processing"];
const logGroups: Readonly<Record<JobKind, string>> = {
  training: "/aws/sagemaker/TrainingJobs",
  processing: "/aws/sagemaker/ProcessingJobs",
};
/** The oldest driver on which containers of CUDA 13 run (CUDA Toolkit release notes, "CUDA driver"). */
const oldestDriver = 580;

/** The drivers of hosts of jobs, which nobody can choose. */
export const jobHosts: Experiment = {
  name: "job-hosts",
  question: "Which NVIDIA drivers do the hosts of training and processing jobs have?",
  believed: `Hosts of jobs on g4dn, g5 and g6 have driver ${oldestDriver} or newer, so the image's CUDA 13 runs there.`,
  minutes: 30,
  costs: kinds.flatMap((kind) => hosts.map((host) => ({ key: `sagemaker.${kind}.${host}`, units: 10 / 60 }))),
  async ask(bench) {
    const { image } = bench.model;
    const bucket = await bench.bucket();
    const roleArn = await bench.serviceRole("sagemaker", bench.containerRights(bucket));
    const experiments = new Experiments(bench.session);
    const command = [
      "sh",
      "-c",
      "nvidia-smi --query-gpu=name,driver_version --format=csv,noheader && nvidia-smi | grep -i 'CUDA Version'",
    ];
    const jobs = kinds.flatMap((kind) =>
      hosts.map((host) => ({
        kind,
        host,
        name: bench.name(`${kind[0]}-${host.slice("ml.".length).replace(".xlarge", "")}`),
      })),
    );
    bench.step(`starts ${jobs.length} jobs that run nvidia-smi`);
    for (const { kind, host, name } of jobs)
      await bench.settled(2, roleIsNew, () =>
        experiments.startJob(
          kind,
          name,
          { image, roleArn, instanceType: host, command, outputUri: `s3://${bucket}/` },
          bench.tags,
        ),
      );
    const seen = await Promise.all(
      jobs.map(async ({ kind, host, name }) => ({ kind, host, ...(await driverOf(bench, experiments, kind, name)) })),
    );
    const text = seen.map(({ kind, host, words }) => `${host} ${kind}: ${words}`).join("; ");
    if (seen.every(({ driver }) => driver === undefined)) throw new Error(text);
    return seen.every(({ driver }) => (driver ?? 0) >= oldestDriver) ? held(text) : refuted(text);
  },
};

async function driverOf(
  bench: Bench,
  experiments: Experiments,
  kind: JobKind,
  name: string,
): Promise<{ readonly driver?: number; readonly words: string }> {
  const ended = await bench.until(20, async () =>
    ((one) => (/^(InProgress|Stopping)$/.test(one.status) ? undefined : one))(await experiments.jobOutcome(kind, name)),
  );
  const lines = await bench.until(2, async () =>
    ((all) => (all.length > 0 ? all : undefined))(await new Logs(bench.session).lines(logGroups[kind], name)),
  );
  const driver = /, (\d+)\.\d/.exec((lines ?? []).join("\n"))?.[1];
  const words = driver
    ? (lines ?? []).slice(0, 2).join(" ").replace(/\s+/g, " ")
    : `${ended?.status ?? "still running"} ${ended?.reason ?? ""} ${(lines ?? []).slice(0, 2).join(" ")}`.trim();
  return { ...(driver ? { driver: Number(driver) } : {}), words };
}
