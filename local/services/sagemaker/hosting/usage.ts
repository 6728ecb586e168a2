import { readdirSync, readFileSync, statSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { Cloud } from "../../../cloud";
import { filesBelow } from "../../../runner/objects";
import type { MetricSample } from "../../../service";
import { sessionOf } from "../context";
import type { Deployments } from "./deployments";

/** Clock ticks per second and page size that `/proc` counts in; the same on every common Linux. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;
const SAMPLE_EVERY_MS = 60_000;
/** Storage volume of a hosting instance. */
const VOLUME_BYTES = 30 * 1024 ** 3;

interface Usage {
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

/**
 * CPU and memory of serving containers, from `/proc`, as `/aws/sagemaker/Endpoints` metrics each minute of cloud time.
 */
export class UsageSampler {
  private timer: NodeJS.Timeout | undefined;
  private before = new Map<string, { cpuSeconds: number; atMs: number }>();

  constructor(
    private readonly cloud: Cloud,
    private readonly deployments: Deployments,
    /** Folder of the containers, `<endpoint>/<instance>` below it. */
    private readonly folder: string,
  ) {}

  start(): void {
    // At great speed a cloud minute is shorter than CPU time can be measured in.
    this.timer = setInterval(() => this.sample(), Math.max(1000, SAMPLE_EVERY_MS / this.cloud.clock.speed));
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  sample(): void {
    const processes = this.deployments.processes();
    if (processes.length === 0) return this.before.clear();
    const usage = usageOfTrees(processes.map(({ pid }) => pid));
    const after = new Map<string, { cpuSeconds: number; atMs: number }>();
    for (const { endpoint, variant, instance, pid } of processes) {
      const now = usage.get(pid);
      if (!now) continue;
      const atMs = Date.now();
      after.set(instance, { cpuSeconds: now.cpuSeconds, atMs });
      const last = this.before.get(instance);
      if (!last || atMs === last.atMs) continue;
      const dimensions = { EndpointName: endpoint, VariantName: variant.name };
      const cpu = Math.max(0, ((now.cpuSeconds - last.cpuSeconds) * 1000) / (atMs - last.atMs)) * 100;
      const role = sessionOf(this.cloud, variant.container.roleArn);
      // Without its role nothing is published; the endpoint goes on.
      if (!role) continue;
      const percent = (name: string, value: number): MetricSample => ({
        namespace: "/aws/sagemaker/Endpoints",
        name,
        value,
        unit: "Percent",
        dimensions,
      });
      const memoryBytes = variant.serverless ? variant.serverless.MemorySizeInMB * 1024 ** 2 : totalmem();
      const memory = percent("MemoryUtilization", (now.memoryBytes / memoryBytes) * 100);
      // Of serverless endpoints nothing else is published (developer guide, their monitoring).
      const samples = variant.serverless
        ? [memory]
        : [
            percent("CPUUtilization", Math.min(cpu, cpus().length * 100)),
            memory,
            percent("DiskUtilization", diskPercent(join(this.folder, endpoint, instance))),
          ];
      this.cloud.internals.measure(samples, role);
    }
    this.before = after;
  }
}

/**
 * What a container wrote, as a share of an instance's storage volume. The disk of the machine at hand says nothing
 * about an endpoint.
 */
function diskPercent(folder: string): number {
  const bytes = filesBelow(folder).reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  return (bytes / VOLUME_BYTES) * 100;
}

/** CPU time and memory of processes together with all their descendants. Empty where there is no `/proc`. */
function usageOfTrees(roots: readonly number[]): Map<number, Usage> {
  const rows = new Map<number, Usage & { parent: number }>();
  let names: string[] = [];
  try {
    names = readdirSync("/proc");
  } catch {
    return new Map();
  }
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const text = readFileSync(`/proc/${name}/stat`, "utf8");
      // The command in brackets may hold spaces; fields are counted after it (proc(5): state is field 3).
      const fields = text
        .slice(text.lastIndexOf(")") + 2)
        .split(" ")
        .map(Number);
      rows.set(Number(name), {
        parent: fields[1]!,
        cpuSeconds: (fields[11]! + fields[12]!) / TICKS_PER_SECOND,
        memoryBytes: fields[21]! * PAGE_BYTES,
      });
    } catch {
      // The process ended while the list was read.
    }
  }
  const children = new Map<number, number[]>();
  for (const [pid, { parent }] of rows) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const total = (pid: number): Usage => {
    const own = rows.get(pid) ?? { cpuSeconds: 0, memoryBytes: 0 };
    return (children.get(pid) ?? []).map(total).reduce(
      (sum, child) => ({
        cpuSeconds: sum.cpuSeconds + child.cpuSeconds,
        memoryBytes: sum.memoryBytes + child.memoryBytes,
      }),
      own,
    );
  };
  return new Map(roots.filter((pid) => rows.has(pid)).map((pid) => [pid, total(pid)]));
}
