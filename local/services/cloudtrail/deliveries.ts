import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { AuditRecord } from "../../audit/log";
import { AwsError } from "../../errors";
import type { Principal } from "../../iam/principal";
import type { Table } from "../../journal";
import { RawResponse } from "../../raw";
import type { TrailRecord, TrailStore } from "./trail-store";

const pack = promisify(gzip);

/** "About every five minutes" (CloudTrail user guide, "How CloudTrail works"), of the cloud's clock. */
const everyMs = 5 * 60_000;
/** A fast clock does not make this machine faster. */
const leastRealMs = 1000;
/** Records of one file. */
const largestFile = 5000;
const host = "cloudtrail.amazonaws.com";

/** How far a trail has come. */
interface Progress {
  /** In the local cloud's own audit log: what stands before is delivered. */
  readonly position: number;
  readonly deliveredMs?: number;
  /** Why the last delivery failed, by S3's code. */
  readonly error?: string;
}

/**
 * Log files of trails: what was recorded since the last one, as gzipped JSON in the trail's bucket, written as
 * CloudTrail through the bucket's policy and the key's. What cannot be delivered is tried again. A file whose delivery
 * was not noted, because the cloud was killed, comes again under another name, as events do on AWS.
 */
export class Deliveries {
  private readonly progress: Table<Progress>;
  private timer: AbortController | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly trails: TrailStore) {
    this.progress = trails.cloud.journal.table<Progress>("cloudtrail/deliveries");
  }

  start(): void {
    const timer = new AbortController();
    this.timer = timer;
    void this.keepDelivering(timer.signal);
  }

  async stop(): Promise<void> {
    this.timer?.abort();
    await this.running;
  }

  of(trail: string): Partial<Progress> {
    return this.progress.get(trail) ?? {};
  }

  /** A trail records from here on. */
  begin(trail: string): void {
    if (!this.progress.has(trail)) this.progress.put(trail, { position: this.trails.cloud.audit.position });
  }

  /** A trail records no more; what it recorded, the call that stops it included, is delivered at once. */
  end(trail: string): void {
    setImmediate(() => void this.run(async () => this.deliverTo(trail)).then(() => this.progress.delete(trail)));
  }

  /** A trail is gone: what was not delivered yet never is, and what is under way has come when this ends. */
  forget(trail: string): Promise<void> {
    return this.run(() => Promise.resolve(void this.progress.delete(trail)));
  }

  private async keepDelivering(signal: AbortSignal): Promise<void> {
    const { clock } = this.trails.cloud;
    const pauseMs = Math.max(everyMs, leastRealMs * clock.speed);
    while (!signal.aborted) {
      try {
        await clock.sleep(pauseMs, signal);
      } catch {
        return;
      }
      await this.run(async () => {
        for (const { name, logging } of this.trails.all()) if (logging) await this.deliverTo(name);
      });
    }
  }

  /** One delivery at a time. */
  private run(work: () => Promise<void>): Promise<void> {
    this.running = this.running.then(work).catch((error: unknown) => {
      this.trails.cloud.failures.note("delivery of trails", error);
    });
    return this.running;
  }

  private async deliverTo(name: string): Promise<void> {
    const { audit, clock } = this.trails.cloud;
    this.begin(name);
    for (const end = audit.position; ;) {
      const trail = this.trails.has(name) ? this.trails.get(name) : undefined;
      const reached = this.progress.get(name);
      if (!trail || !reached || reached.position >= end) return;
      const { records, next } = audit.since(reached.position);
      const wanted = records.filter((record) => recordedBy(trail, record)).map(asDelivered);
      try {
        for (let at = 0; at < wanted.length; at += largestFile)
          await this.write(trail, wanted.slice(at, at + largestFile));
      } catch (error) {
        // The trail may be gone by now.
        if (!(error instanceof AwsError)) throw error;
        if (this.progress.has(name)) this.progress.put(name, { ...reached, error: error.code });
        return;
      }
      if (this.progress.has(name)) this.progress.put(name, { position: next, deliveredMs: clock.nowMs() });
    }
  }

  private async write({ arn, settings }: TrailRecord, records: readonly object[]): Promise<void> {
    const { cloud } = this.trails;
    const principal: Principal = { type: "service", arn: host, accountId: cloud.accountId, id: host, sourceArn: arn };
    const answer = await cloud.call(
      "s3",
      "PutObject",
      {
        Bucket: settings.S3BucketName,
        Key: this.keyOf(settings.S3KeyPrefix),
        Body: await pack(JSON.stringify({ Records: records })),
        ContentType: "application/json",
        ContentEncoding: "gzip",
        ACL: "bucket-owner-full-control",
        ...(settings.KmsKeyId
          ? {
              ServerSideEncryption: "aws:kms",
              SSEKMSKeyId: settings.KmsKeyId,
              SSEKMSEncryptionContext: Buffer.from(JSON.stringify({ "aws:cloudtrail:arn": arn })).toString("base64"),
            }
          : {}),
      },
      { principal, sourceIp: host, userAgent: host },
    );
    if (answer instanceof RawResponse && answer.status >= 300)
      throw new AwsError(/<Code>([^<]+)/.exec(answer.body.toString("utf8"))?.[1] ?? String(answer.status), "refused");
  }

  /** Where a log file lies (CloudTrail user guide, "CloudTrail log file name format"). */
  private keyOf(prefix: string | undefined): string {
    const { accountId, clock, region } = this.trails.cloud;
    const now = clock.now().toISOString();
    const folder = `${prefix ? `${prefix}/` : ""}AWSLogs/${accountId}/CloudTrail/${region}/${now.slice(0, 10).replaceAll("-", "/")}`;
    const minute = `${now.slice(0, 16).replaceAll(/[-:]/g, "")}Z`;
    const unique = randomBytes(12).toString("base64").replaceAll(/[+/]/g, "A");
    return `${folder}/${accountId}_CloudTrail_${region}_${minute}_${unique}.json.gz`;
  }
}

/** Management events are every trail's; data events those that its selectors ask for. */
function recordedBy({ name }: TrailRecord, { managementEvent, recordedBy: trails }: AuditRecord): boolean {
  return managementEvent || (trails?.includes(name) ?? false);
}

/** As AWS writes it: which trails record an event is ours alone. */
function asDelivered({ recordedBy: _ours, ...record }: AuditRecord): object {
  return record;
}
