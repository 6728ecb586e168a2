import { randomUUID } from "node:crypto";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { parseS3Uri } from "../../runner/objects";
import { assumeExecutionRole, sessionOf, type Context } from "../sagemaker/context";
import { endpointLogGroup } from "../sagemaker/hosting/serving";

/** One side of an invocation. */
export interface Payload {
  readonly contentType: string;
  readonly body: Buffer;
}

export interface Captured {
  readonly endpoint: string;
  readonly variant: string;
  readonly roleArn: string;
  /** `VpcConfig` of the model, through whose network the host writes (believed). */
  readonly vpc?: Members;
  /** The endpoint's `DataCaptureConfig`. */
  readonly config: Members;
  readonly input: Payload;
  readonly output: Payload;
  readonly inferenceId?: string;
  readonly atMs: number;
}

/** AWS delivers within a couple of minutes; here it is the end of each minute of cloud time, */
const FLUSH_EVERY_MS = 60_000;
/** and never later than this in real time, so that nothing arrives long after an endpoint went quiet. */
const FLUSH_REAL_MS = 5_000;
/** Or earlier: a burst must not fill the memory. */
const FLUSH_RECORDS = 500;
const FLUSH_BYTES = 32 * 1024 * 1024;

/** Data capture: invocations as JSON Lines in S3, in SageMaker's layout, written as the endpoint's execution role. */
export class DataCapture {
  private readonly buffers = new Map<string, Captured[]>();
  private bytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly writing = new Set<Promise<void>>();

  constructor(private readonly context: Context) {}

  /** Takes an invocation if the endpoint captures and the draw says so. @param random in [0, 1). */
  offer(captured: Captured, random = Math.random()): void {
    const { config } = captured;
    if (config.EnableCapture === false || random * 100 >= Number(config.InitialSamplingPercentage)) return;
    const at = new Date(captured.atMs);
    const key = [captured.endpoint, captured.variant, config.DestinationS3Uri, folderOf(at)].join("\n");
    const buffer = this.buffers.get(key) ?? [];
    buffer.push(captured);
    this.buffers.set(key, buffer);
    this.bytes += captured.input.body.length + captured.output.body.length;
    if (buffer.length >= FLUSH_RECORDS || this.bytes >= FLUSH_BYTES) void this.flush();
    else this.schedule();
  }

  /** Writes everything that is held. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const buffers = [...this.buffers.values()];
    this.buffers.clear();
    this.bytes = 0;
    for (const records of buffers) {
      const work = this.write(records).finally(() => this.writing.delete(work));
      this.writing.add(work);
    }
    await Promise.all(this.writing);
  }

  private schedule(): void {
    if (this.timer) return;
    const { clock } = this.context.cloud;
    const untilMinute = FLUSH_EVERY_MS - (clock.nowMs() % FLUSH_EVERY_MS);
    this.timer = setTimeout(() => void this.flush(), Math.min(FLUSH_REAL_MS, Math.max(250, untilMinute / clock.speed)));
    this.timer.unref();
  }

  private async write(records: readonly Captured[]): Promise<void> {
    const first = records[0]!;
    const { cloud, objects } = this.context;
    const { bucket, key: prefix } = parseS3Uri(first.config.DestinationS3Uri);
    const key = [
      ...(prefix ? [prefix.replace(/\/+$/, "")] : []),
      first.endpoint,
      first.variant,
      `${folderOf(new Date(first.atMs))}/${fileOf(new Date(first.atMs))}`,
    ].join("/");
    try {
      const lines = records.map((record) => JSON.stringify(line(record)) + "\n").join("");
      await objects.write(
        assumeExecutionRole(cloud, first.roleArn, first.vpc),
        { bucket, key },
        Buffer.from(lines, "utf8"),
        first.config.KmsKeyId,
      );
    } catch (error) {
      logFailure(cloud, first, error as Error);
    }
  }
}

/** Capture never fails a request; what went wrong is in the endpoint's log. */
function logFailure(cloud: Cloud, { endpoint, variant, roleArn }: Captured, error: Error): void {
  const role = sessionOf(cloud, roleArn);
  if (role)
    cloud.internals.log(
      endpointLogGroup(endpoint),
      `${variant}/data-log`,
      [`Data capture could not be written: ${error.name}: ${error.message}`],
      role,
    );
}

/** A captured line (format: notes, section "Data capture files"). */
function line({ config, input, output, inferenceId, atMs }: Captured): Members {
  const modes = ((config.CaptureOptions ?? []) as Members[]).map((option) => String(option.CaptureMode));
  const wants = (mode: string): boolean => modes.includes(mode) || modes.includes("InputAndOutput");
  return {
    captureData: {
      ...(wants("Input") ? { endpointInput: side(input, "INPUT", config.CaptureContentTypeHeader) } : {}),
      ...(wants("Output") ? { endpointOutput: side(output, "OUTPUT", config.CaptureContentTypeHeader) } : {}),
    },
    eventMetadata: {
      eventId: randomUUID(),
      ...(inferenceId ? { inferenceId } : {}),
      inferenceTime: new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z"),
    },
    eventVersion: "0",
  };
}

/** Without a matching entry in `CaptureContentTypeHeader` SageMaker encodes as base64. */
function side({ contentType, body }: Payload, mode: string, header: Members | undefined): Members {
  const type = contentType.split(";")[0]!.trim().toLowerCase();
  const listed = (types: unknown): boolean =>
    ((types ?? []) as string[]).some((candidate) => candidate.toLowerCase() === type);
  const encoding = listed(header?.JsonContentTypes) ? "JSON" : listed(header?.CsvContentTypes) ? "CSV" : "BASE64";
  return {
    observedContentType: contentType,
    mode,
    data: body.toString(encoding === "BASE64" ? "base64" : "utf8"),
    encoding,
  };
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** `yyyy/mm/dd/hh` in UTC. */
function folderOf(at: Date): string {
  return [at.getUTCFullYear(), two(at.getUTCMonth() + 1), two(at.getUTCDate()), two(at.getUTCHours())].join("/");
}

/** `<minute>-<second>-<milliseconds>-<uuid>.jsonl` */
function fileOf(at: Date): string {
  return `${two(at.getUTCMinutes())}-${two(at.getUTCSeconds())}-${String(at.getUTCMilliseconds()).padStart(3, "0")}-${randomUUID()}.jsonl`;
}
