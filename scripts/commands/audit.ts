import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { exportLog, folderReader, keyFile, proveEntry, restoreLog, verifyFolder } from "../../automation/audit/files";
import { logOf } from "../../automation/audit/log";
import { namesOf, withNames } from "../../automation/audit/people";
import { UserError } from "../../automation/errors";
import type { EnvironmentName } from "../../contract/environments";
import { ParameterDamaged } from "../../records/json-parameter";
import type { LogEntry } from "../../records/log/entry";
import { LogKey } from "../../records/log/note";
import { isRefusal, verifyProof } from "../../records/log/proof-file";
import type { TreeHead } from "../../records/log/proofs";
import type { LogVerifyOptions, TransparencyLog } from "../../records/log/log";
import { LogFileDamaged } from "../../records/log/tiles";
import type { LogCheck } from "../../records/log/verify";
import { environmentName, openEnvironment, printJson } from "../project";
import { dayOf, peopleCommands, tellCompleteness } from "./audit-trail";

interface Where {
  readonly stack?: EnvironmentName;
  readonly folder?: string;
  readonly key?: string;
}

const whom = "Tell the auditor: docs/verify.md says what each finding means.";

/** `peregrine audit`: the log of an environment, and whether it is what was written. */
export function auditCommand(): Command {
  const audit = new Command("audit").description(
    "The log of an environment: a Merkle tree over its entries, with a signed checkpoint.",
  );
  audit.addCommand(
    new Command("log")
      .description("All entries, oldest first; the whole log is verified on the way.")
      .requiredOption("-s, --stack <environment>", "environment", environmentName)
      .option("--kind <kind>", "only entries of this kind, such as release")
      .option("--json", "print as JSON, one entry a line")
      .action(async ({ stack, kind, json }: { stack: EnvironmentName; kind?: string; json?: boolean }) => {
        for (const [index, entry] of (await entriesOf(stack)).entries())
          if (kind === undefined || entry.kind === kind)
            process.stdout.write(`${json ? JSON.stringify({ index, ...entry }) : lineOf(entry, index)}\n`);
      }),
  );
  audit.addCommand(
    new Command("show")
      .description("One entry in full; the whole log is verified on the way.")
      .argument("<entry>", "its index, counted from 0, or its id")
      .requiredOption("-s, --stack <environment>", "environment", environmentName)
      .option("--names", "names of people in the place of digests, as far as they were not erased")
      .action(async (which: string, { stack, names }: { stack: EnvironmentName; names?: boolean }) => {
        const entries = await entriesOf(stack);
        const index = entries.findIndex(({ id }, at) => id === which || String(at) === which);
        if (index < 0)
          throw new UserError(`There is no entry ${which}.`, `See them: npx peregrine audit log --stack ${stack}`);
        printJson({ index, ...(names ? await named(stack, entries[index]!) : entries[index]) });
      }),
  );
  audit.addCommand(verifyCommand());
  audit.addCommand(
    new Command("prove")
      .description("An entry and the proof that it is in the log, for somebody who has nothing else of it.")
      .argument("<index>", "of the entry, counted from 0", indexOf)
      .option("-s, --stack <environment>", "environment whose log it is in", environmentName)
      .option("--folder <folder>", "a log that was exported, instead")
      .option("--key <file>", "the log's public key; that of the folder when left out")
      .requiredOption("--entry <file>", "where the entry is written")
      .requiredOption("--proof <file>", "where the proof is written (C2SP tlog-proof)")
      .action(async (index: number, { entry, proof, ...where }: Where & { entry: string; proof: string }) => {
        const { read, key } = await openLog(where);
        const proven = await damagesTold(() => proveEntry(read, key, index));
        writeFileSync(entry, proven.entry);
        writeFileSync(proof, proven.proof);
        process.stdout.write(`entry ${index}: ${entry}\nproof: ${proof}\n`);
      }),
  );
  audit.addCommand(
    new Command("export")
      .description("Copy the log and its public key into a folder, where anybody can verify it without us or AWS.")
      .argument("<folder>", "made where there is none")
      .requiredOption("-s, --stack <environment>", "environment", environmentName)
      .action(async (folder: string, { stack }: { stack: EnvironmentName }) => {
        const log = await openStack(stack);
        const size = await damagesTold(() => exportLog(log, folder));
        await tellFolder(folder, log.key, size);
      }),
  );
  audit.addCommand(
    new Command("restore")
      .description("Make the log's files again in a folder, from the copy of it that lies under Object Lock.")
      .argument("<folder>", "made where there is none")
      .requiredOption("-s, --stack <environment>", "environment", environmentName)
      .action(async (folder: string, { stack }: { stack: EnvironmentName }) => {
        const log = await openStack(stack);
        const size = await damagesTold(() => restoreLog(log, folder));
        await tellFolder(folder, log.key, size);
      }),
  );
  for (const command of peopleCommands()) audit.addCommand(command);
  return audit;
}

/** Verifies what was written into a folder, and says how to verify it elsewhere. */
async function tellFolder(folder: string, key: LogKey, size: number): Promise<void> {
  report(await damagesTold(() => verifyFolder(folder, key)));
  process.stdout.write(
    `${size} entries in ${folder}\nkey ${key.text}\nGive the key to whoever verifies by another way than the files.\n`,
  );
}

async function named(stack: EnvironmentName, entry: LogEntry): Promise<LogEntry> {
  const environment = await openEnvironment(stack);
  return withNames(entry, await namesOf(environment.session, await environment.outputs()));
}

function verifyCommand(): Command {
  return new Command("verify")
    .description("Verify a log, whole, against its key and what was noted of it elsewhere; or one entry by its proof.")
    .option("-s, --stack <environment>", "environment whose log it is", environmentName)
    .option("--folder <folder>", "a log that was exported, instead")
    .option("--key <file>", "the log's public key; that of the folder when left out")
    .option("--locked", "read all that lies of it under Object Lock as well, not the newest checkpoint there alone")
    .option("--known <size:root>", "what you know of the log from before; may be repeated", headOf, [] as TreeHead[])
    .option("--entry <file>", "an entry; with --proof, instead of the whole log")
    .option("--proof <file>", "its proof")
    .option("--complete", "compare with the trail's log files, too: each call has one entry, and each entry its call")
    .option("--since <day>", "with --complete: calls from that day on, yyyy-mm-dd", dayOf)
    .option("--add", "with --complete: add the entries that are missing")
    .option("--json", "print as JSON")
    .action(
      async ({
        known,
        locked,
        entry,
        proof,
        json,
        complete,
        since,
        add,
        ...where
      }: Where & { known: TreeHead[]; locked?: boolean; entry?: string; proof?: string; json?: boolean } & {
        complete?: boolean;
        since?: string;
        add?: boolean;
      }) => {
        if ((entry === undefined) !== (proof === undefined))
          throw new UserError("An entry is verified by its proof.", "Give --entry and --proof together.");
        if (locked && where.stack === undefined)
          throw new UserError("An exported log has no copy under a lock.", "Name the environment by --stack.");
        if (complete) {
          if (where.stack === undefined || entry !== undefined)
            throw new UserError("Which environment's trail is meant?", "Name it by --stack, without --entry.");
          return damagesTold(() => tellCompleteness(where.stack!, { since, add }, json));
        }
        const check = entry ? await checkProof(where, entry, proof!) : await checkLog(where, known, locked);
        if (json) {
          const { checkpoint } = check;
          printJson({
            ...check,
            checkpoint: checkpoint && { ...checkpoint, root: checkpoint.root.toString("base64") },
          });
          if (!check.ok) process.exitCode = 1;
        } else report(check, entry ? {} : where);
      },
    );
}

async function checkLog(where: Where, known: readonly TreeHead[], locked?: boolean): Promise<LogCheck> {
  const { verify } = await openLog(where);
  return damagesTold(() => verify({ known, locked }));
}

async function checkProof(where: Where, entry: string, proof: string): Promise<LogCheck> {
  const key = where.key ? keyIn(where.key) : (await openLog(where)).key;
  try {
    const { checkpoint } = verifyProof(readText(proof).toString("utf8"), readText(entry), key);
    return { ok: true, problems: [], checkpoint };
  } catch (error) {
    if (isRefusal(error)) return { ok: false, problems: [error.message] };
    throw error;
  }
}

function report({ ok, problems, checkpoint, witnessed }: LogCheck, where: Where = {}): void {
  const what = checkpoint
    ? `${checkpoint.size} entries, root ${checkpoint.root.toString("base64")}, signed by ${checkpoint.origin}`
    : "no entries yet";
  if (ok) {
    process.stdout.write(`ok   ${what}\n`);
    if (checkpoint && (where.stack ?? witnessed)) process.stdout.write(`${witnessLine(checkpoint.size, witnessed)}\n`);
    return;
  }
  process.stdout.write(`${problems.map((text) => `FAIL ${text}\n`).join("")}`);
  throw new UserError("The log does not hold.", whom);
}

/** How much of a log is safe from whoever can write and sign it. */
export function witnessLine(size: number, witnessed: LogCheck["witnessed"]): string {
  if (!witnessed)
    return "warn no other environment has seen it: whoever can write and sign it can write it anew (docs/verify.md, witnesses)";
  const { by, at } = witnessed;
  const newer = size - witnessed.size;
  return `${newer > 0 ? "note" : "ok  "} ${witnessed.size} of them seen by ${by} at ${at}${newer > 0 ? `; ${newer} came later` : ""}`;
}

async function entriesOf(stack: EnvironmentName): Promise<LogEntry[]> {
  const log = await openStack(stack);
  const entries: LogEntry[] = [];
  const check = await damagesTold(() => log.verify({ each: (entry) => entries.push(entry) }));
  if (!check.ok) report(check);
  return entries;
}

async function openStack(stack: EnvironmentName): Promise<TransparencyLog> {
  const environment = await openEnvironment(stack);
  return logOf(environment, await environment.outputs());
}

async function openLog({ stack, folder, key }: Where) {
  if (stack !== undefined && folder === undefined) {
    const log = await openStack(stack);
    return { read: log.read, key: log.key, verify: (options: LogVerifyOptions) => log.verify(options) };
  }
  if (folder === undefined || stack !== undefined)
    throw new UserError("Which log is meant?", "Name an environment by --stack, or an exported log by --folder.");
  const [read, given] = [folderReader(folder), keyIn(key ?? join(folder, keyFile))];
  return { read, key: given, verify: (options: LogVerifyOptions) => verifyFolder(folder, given, options) };
}

async function damagesTold<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LogFileDamaged || error instanceof ParameterDamaged || isRefusal(error))
      throw new UserError(`The log does not hold: ${error.message}`, whom, { cause: error });
    throw error;
  }
}

function keyIn(file: string): LogKey {
  try {
    return LogKey.parse(readText(file).toString("utf8"));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new UserError(
      `${file} is no public key of a log: ${error.message}`,
      "Give the line that audit export prints.",
      {
        cause: error,
      },
    );
  }
}

function readText(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UserError(`Cannot read ${file}: ${(error as Error).message}`, "Name a file that is there.", {
      cause: error,
    });
  }
}

function lineOf({ at, kind, subject, by }: LogEntry, index: number): string {
  return `${String(index).padStart(6)}  ${at}  ${kind.padEnd(10)}  ${subject}  by ${by}`;
}

function indexOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("must be a number, counted from 0.");
  return Number(text);
}

function headOf(text: string, before: TreeHead[]): TreeHead[] {
  const [, size, root] = /^([1-9]\d{0,14}):([A-Za-z0-9+/]{43}=)$/.exec(text) ?? [];
  if (size === undefined) throw new InvalidArgumentError("must be a size and a root in base64, such as 12:...=.");
  return [...before, { size: Number(size), root: Buffer.from(root!, "base64") }];
}
