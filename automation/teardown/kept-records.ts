import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { StackOutputs } from "../../contract/outputs";
import { ledgerKey } from "../../contract/places";
import { verifyChain } from "../../records/chain";
import { LogKey } from "../../records/log/note";
import { checkpointPath, verifyLog } from "../../records/log/verify";
import { exportLog, folderReader, keyFile } from "../audit/files";
import { logOf } from "../audit/log";
import { UserError } from "../errors";
import { ledgerOf } from "../release/history";
import type { Environment } from "../stack/environment";

/** What a teardown keeps of an environment, and where. */
export interface KeptRecords {
  readonly folder: string;
  readonly ledgerEntries: number;
  readonly logEntries: number;
}

const ledgerFile = "ledger.jsonl";
const headFile = "ledger-head.json";
const kept = z.object({ ledgerEntries: z.number().int().min(0), logEntries: z.number().int().min(0) });
/** Written last: a folder without it was not finished. */
const doneFile = "kept.json";

/**
 * Copies an environment's ledger and log into a folder, and verifies the copies, before anything is deleted. A teardown
 * that was killed may have deleted some of them: what it kept is verified again, and stays.
 * @param root folder of all that is kept; each environment has one of its own, each time that it is set up.
 * @throws UserError when they do not hold, and no earlier copy does.
 */
export async function keepRecords(
  target: Pick<Environment, "name" | "session">,
  outputs: StackOutputs,
  root: string,
): Promise<KeptRecords> {
  // A key's id is never given again: that of another life of the environment is another one.
  const folder = join(root, `${target.name}-${outputs.logKeyArn.slice(-12)}`);
  const before = await readKept(folder);
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  let problems: readonly string[];
  try {
    const found = await copy(target, outputs, fresh);
    // Fewer than before: an earlier teardown came as far as deleting them.
    if (!before || (found.logEntries >= before.logEntries && found.ledgerEntries >= before.ledgerEntries)) {
      await writeFile(join(fresh, doneFile), JSON.stringify(found));
      await rm(folder, { recursive: true, force: true });
      await rename(fresh, folder);
      return { folder, ...found };
    }
    problems = [];
  } catch (error) {
    problems = [(error as Error).message];
  }
  await rm(fresh, { recursive: true, force: true });
  if (before) return before;
  throw new UserError(
    `The records of ${target.name} could not be kept, and nothing was deleted: ${problems.join("; ")}`,
    `See what is wrong with them: npx peregrine audit verify --stack ${target.name}, and docs/verify.md. Without them: teardown --without-records.`,
  );
}

/** @throws Error when ledger or log do not hold, where they lie or as they were copied. */
async function copy(
  target: Pick<Environment, "name" | "session">,
  outputs: StackOutputs,
  folder: string,
): Promise<z.infer<typeof kept>> {
  const { lines, head } = await ledgerOf(target, outputs).read();
  const chain = verifyChain(lines, head);
  if (!chain.ok) throw new Error(`${ledgerKey}: ${chain.problems.map(({ text }) => text).join("; ")}`);
  await writeFile(join(folder, ledgerFile), lines.map((line) => `${line}\n`).join(""));
  if (head) await writeFile(join(folder, headFile), JSON.stringify(head));
  const log = await logOf(target, outputs);
  const there = await log.verify();
  if (!there.ok) throw new Error(`the log: ${there.problems.join("; ")}`);
  const logEntries = there.checkpoint ? await exportLog(log.read, log.key, folder) : 0;
  await verifyCopy(folder, logEntries);
  return { ledgerEntries: lines.length, logEntries };
}

async function verifyCopy(folder: string, logEntries: number): Promise<void> {
  const lines = (await readFile(join(folder, ledgerFile), "utf8")).split("\n").filter(Boolean);
  const chain = verifyChain(lines);
  if (!chain.ok) throw new Error(`the copy of the ledger: ${chain.problems.map(({ text }) => text).join("; ")}`);
  if (logEntries === 0) return;
  const key = LogKey.parse(await readFile(join(folder, keyFile), "utf8"));
  const { ok, problems, checkpoint } = await verifyLog(folderReader(folder), key);
  if (!ok || checkpoint?.size !== logEntries)
    throw new Error(`the copy of the log (${checkpointPath}): ${problems.join("; ") || "it has other entries"}`);
}

/** What an earlier teardown kept. @throws UserError where that does not hold any more: nothing is put in its place. */
async function readKept(folder: string): Promise<KeptRecords | undefined> {
  const file = join(folder, doneFile);
  if (!existsSync(file)) return undefined;
  try {
    const found = kept.parse(JSON.parse(await readFile(file, "utf8")));
    await verifyCopy(folder, found.logEntries);
    return { folder, ...found };
  } catch (error) {
    throw new UserError(
      `What an earlier teardown kept in ${folder} does not hold any more: ${(error as Error).message}`,
      "Move the folder elsewhere, find out who changed it, and run the same command again.",
      { cause: error },
    );
  }
}
