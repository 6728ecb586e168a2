import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ObjectStore, S3Location } from "../../aws/s3";
import { exportLog, folderReader, proveEntry } from "../../automation/audit/files";
import { roleName } from "../../contract/names";
import type { LogEntry } from "../../records/log/entry";
import { TransparencyLog } from "../../records/log/log";
import { LogKey } from "../../records/log/note";
import type { TreeHead } from "../../records/log/proofs";
import { TiledTree } from "../../records/log/tiles";
import { projectDir } from "../project";
import type { Recorder } from "./figures";

const budget = { entries: 100_000, appendSeconds: 3, verifySeconds: 2, proofMs: 1, proofHashes: 20, million: 30 };
const proofs = 10_000;
/** Ten times as many entries may take so much more memory. */
const memoryRatio = 1.2;

/** S3's conditional writes on a folder; one process writes. */
class FolderStore implements Pick<ObjectStore, "get" | "getWithTag" | "putIf" | "list" | "delete"> {
  constructor(private readonly folder: string) {}

  get({ key }: S3Location): Promise<Buffer | undefined> {
    try {
      return Promise.resolve(readFileSync(join(this.folder, key)));
    } catch {
      return Promise.resolve(undefined);
    }
  }

  async getWithTag(location: S3Location): ReturnType<ObjectStore["getWithTag"]> {
    const body = await this.get(location);
    return body && { body, tag: tagOf(body) };
  }

  list(_bucket: string, prefix: string): ReturnType<ObjectStore["list"]> {
    const folder = join(this.folder, prefix);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return Promise.resolve(names.map((name) => ({ key: `${prefix}${name}`, bytes: 0 })));
  }

  delete({ key }: S3Location): Promise<void> {
    rmSync(join(this.folder, key));
    return Promise.resolve();
  }

  async putIf(...[location, body, condition]: Parameters<ObjectStore["putIf"]>): ReturnType<ObjectStore["putIf"]> {
    const there = await this.getWithTag(location);
    if ("tag" in condition ? there?.tag !== condition.tag : there !== undefined)
      return { outcome: "conflict", code: "PreconditionFailed" };
    const file = join(this.folder, location.key);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, body);
    return { outcome: "written", tag: tagOf(Buffer.from(body)) };
  }
}

const tagOf = (body: Buffer): string => createHash("md5").update(body).digest("hex");

/** Appending, verifying and proving, on this machine's disk: what S3 and KMS add is theirs. */
export async function benchLog(record: Recorder): Promise<void> {
  record.about = `Entries of ${entry(0).length} bytes in a log on this machine's disk, signed by a key of this process. Seconds are processor time: S3's and KMS's own time is not in it.`;
  const folder = mkdtempSync(join(tmpdir(), "peregrine-log-"));
  try {
    const hundred = await build(join(folder, "hundred"), budget.entries);
    record.figure(`append ${budget.entries} entries`, hundred.seconds, "s", {
      text: `at most ${budget.appendSeconds} s`,
      met: hundred.seconds <= budget.appendSeconds,
    });
    const small = verified(hundred.exported);
    record.figure(`verify ${budget.entries} entries`, small.seconds, "s", {
      text: `at most ${budget.verifySeconds} s`,
      met: small.seconds <= budget.verifySeconds,
    });
    await prove(record, hundred);
    const million = await build(join(folder, "million"), 10 * budget.entries);
    record.figure(`append ${10 * budget.entries} entries`, million.seconds, "s");
    const large = verified(million.exported);
    record.figure(`verify ${10 * budget.entries} entries`, large.seconds, "s", {
      text: `at most ${budget.million} s`,
      met: large.seconds <= budget.million,
    });
    record.figure("peak memory of ten times as many entries", large.megabytes / small.megabytes, "times", {
      text: `at most ${memoryRatio} times`,
      met: large.megabytes / small.megabytes <= memoryRatio,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Built {
  readonly seconds: number;
  readonly exported: string;
  readonly key: LogKey;
}

async function build(folder: string, count: number): Promise<Built> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = new LogKey("bench/log", publicKey.export({ format: "der", type: "spki" }));
  let head: TreeHead | undefined;
  const log = new TransparencyLog({
    store: new FolderStore(folder),
    bucket: "bench",
    prefix: "",
    key,
    sign: (text) => Promise.resolve(sign("sha256", text, privateKey)),
    witness: { read: () => Promise.resolve(head), note: (next) => Promise.resolve(void (head = next)) },
    outside: { by: "nobody", read: () => Promise.resolve(undefined), show: () => Promise.resolve() },
    locked: undefined,
  });
  const entries = Array.from({ length: count }, (_, number) => told(number));
  const started = process.cpuUsage();
  await log.append(entries);
  const seconds = cpuSeconds(started);
  const exported = `${folder}-exported`;
  await exportLog(log, exported);
  return { seconds, exported, key };
}

/** Verifies in a process of its own, whose memory is nobody else's. */
function verified(folder: string): { readonly seconds: number; readonly megabytes: number } {
  const script = join(projectDir, "scripts", "bench", "verify-log.ts");
  const register = join(projectDir, "scripts", "register.cjs");
  // So little that what is no longer needed cannot wait to be collected.
  const heap = ["--max-old-space-size=64", "--max-semi-space-size=4"];
  const output = execFileSync(process.execPath, [...heap, "-r", register, script, folder], { encoding: "utf8" });
  return JSON.parse(output) as { seconds: number; megabytes: number };
}

async function prove(record: Recorder, { exported, key }: Built): Promise<void> {
  const read = folderReader(exported);
  const tree = new TiledTree(read, budget.entries);
  let longest = 0;
  const started = process.cpuUsage();
  for (let at = 0; at < proofs; at += 1)
    longest = Math.max(longest, (await tree.inclusion((at * 7919) % budget.entries)).length);
  const ms = (1000 * cpuSeconds(started)) / proofs;
  record.figure("a proof, of many", ms, "ms", { text: `at most ${budget.proofMs} ms`, met: ms <= budget.proofMs });
  record.figure("hashes of the longest proof", longest, "", {
    text: `below ${budget.proofHashes}`,
    met: longest < budget.proofHashes,
  });
  const one = performance.now();
  await proveEntry(read, key, budget.entries - 1);
  record.figure("a proof alone, with its files read", performance.now() - one, "ms");
}

function told(number: number): Omit<LogEntry, "schema"> {
  return {
    id: `bench-${number}`,
    at: "2026-03-01T10:00:00Z",
    by: `arn:aws:sts::111122223333:assumed-role/${roleName("dev", "release-build")}/AWSCodeBuild-1`,
    kind: "release",
    subject: `r-${number.toString(16).padStart(12, "0")}`,
    body: { outcome: "live", reasons: ["all checks passed"], number },
  };
}

/** What this process has computed since, on one core or several: a busy machine's other work does not count. */
function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

const entry = (number: number): string => JSON.stringify(told(number));
