import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { StackOutputs } from "../../contract/outputs";
import { ledgerKey } from "../../contract/places";
import { verifyChain } from "../../records/chain";
import { LogKey } from "../../records/log/note";
import { checkpointPath } from "../../records/log/verify";
import { exportLog, keyFile, verifyFolder } from "../audit/files";
import { logOf } from "../audit/log";
import { sumsFile } from "../dossier/write";
import { UserError } from "../errors";
import { sha256Of } from "../lineage/reading";
import { ledgerOf } from "../release/history";
import type { Environment } from "../stack/environment";

/** What a teardown keeps of an environment, and where. */
export interface KeptRecords {
  readonly folder: string;
  readonly ledgerEntries: number;
  readonly logEntries: number;
  /** SHA-256 of each dossier's list of digests, by its folder below `dossiers/`. */
  readonly dossiers: Readonly<Record<string, string>>;
}

const dossierFolder = "dossiers";
const ledgerFile = "ledger.jsonl";
const headFile = "ledger-head.json";
const kept = z.object({
  ledgerEntries: z.number().int().min(0),
  logEntries: z.number().int().min(0),
  // Copies of earlier versions have none.
  dossiers: z.record(z.string(), z.string()).default({}),
});
type Kept = z.output<typeof kept>;
/** Written last: a folder without it was not finished. */
const doneFile = "kept.json";

/**
 * Copies an environment's ledger and log into a folder, beside the dossiers of what it served, and verifies the copies,
 * before anything is deleted. A teardown that was killed may have deleted some of what they are made of: what it kept is
 * verified again, and stays.
 * @param root folder of all that is kept; each environment has one of its own, each time that it is set up.
 * @param document writes the dossiers into a folder. @returns SHA-256 of each one's list of digests, by its folder.
 * @throws UserError when they do not hold, and no earlier copy does.
 */
export async function keepRecords(
  target: Pick<Environment, "name" | "session">,
  outputs: StackOutputs,
  root: string,
  document: (into: string) => Promise<Record<string, string>>,
): Promise<KeptRecords> {
  // A key's id is never given again: that of another life of the environment is another one.
  const folder = join(root, `${target.name}-${outputs.logKeyArn.slice(-12)}`);
  const before = await readKept(folder);
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  let problems: readonly string[];
  try {
    const copied = await copy(target, outputs, fresh);
    // Fewer than before: an earlier teardown came as far as deleting them.
    if (!before || (copied.logEntries >= before.logEntries && copied.ledgerEntries >= before.ledgerEntries)) {
      const found: Kept = { ...copied, dossiers: await dossiersOf(before, fresh, document) };
      await verifyCopy(fresh, found);
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
): Promise<Pick<Kept, "ledgerEntries" | "logEntries">> {
  const { lines, head } = await ledgerOf(target, outputs).read();
  const chain = verifyChain(lines, head);
  if (!chain.ok) throw new Error(`${ledgerKey}: ${chain.problems.map(({ text }) => text).join("; ")}`);
  await writeFile(join(folder, ledgerFile), lines.map((line) => `${line}\n`).join(""));
  if (head) await writeFile(join(folder, headFile), JSON.stringify(head));
  const log = await logOf(target, outputs);
  const there = await log.verify();
  if (!there.ok) throw new Error(`the log: ${there.problems.join("; ")}`);
  const logEntries = there.checkpoint ? await exportLog(log, folder) : 0;
  return { ledgerEntries: lines.length, logEntries };
}

/**
 * Dossiers are written anew, since more may have happened. But a teardown that was killed may have deleted what they
 * were made of: of the same release the fuller one stays.
 */
async function dossiersOf(
  before: KeptRecords | undefined,
  folder: string,
  document: (into: string) => Promise<Record<string, string>>,
): Promise<Record<string, string>> {
  const dossiers = await document(join(folder, dossierFolder));
  for (const [name, digest] of Object.entries(before?.dossiers ?? {})) {
    const [earlier, place] = [join(before!.folder, dossierFolder, name), join(folder, dossierFolder, name)];
    if (name in dossiers && (await filledIn(place)) >= (await filledIn(earlier))) continue;
    await rm(place, { recursive: true, force: true });
    await cp(earlier, place, { recursive: true });
    dossiers[name] = digest;
  }
  return dossiers;
}

const scored = z.object({ score: z.object({ filled: z.number() }) });

/** For how many points a dossier has evidence. */
async function filledIn(folder: string): Promise<number> {
  return scored.parse(JSON.parse(await readFile(join(folder, "dossier.json"), "utf8"))).score.filled;
}

/** Whether each dossier's files are those that its list names, and the list is the one that was written. */
async function verifyDossiers(folder: string, dossiers: Kept["dossiers"]): Promise<void> {
  for (const [name, digest] of Object.entries(dossiers)) {
    const place = join(folder, dossierFolder, name);
    const list = await readFile(join(place, sumsFile));
    if (sha256Of(list) !== digest) throw new Error(`the dossier ${name}: its ${sumsFile} is another one`);
    for (const line of list.toString("utf8").split("\n").filter(Boolean)) {
      const [sha256, file] = line.split("  ") as [string, string];
      if (sha256Of(await readFile(join(place, file))) !== sha256)
        throw new Error(`the dossier ${name}: ${file} is not what was written`);
    }
  }
}

async function verifyCopy(folder: string, { logEntries, dossiers }: Kept): Promise<void> {
  await verifyDossiers(folder, dossiers);
  const lines = (await readFile(join(folder, ledgerFile), "utf8")).split("\n").filter(Boolean);
  const chain = verifyChain(lines);
  if (!chain.ok) throw new Error(`the copy of the ledger: ${chain.problems.map(({ text }) => text).join("; ")}`);
  if (logEntries === 0) return;
  const key = LogKey.parse(await readFile(join(folder, keyFile), "utf8"));
  const { ok, problems, checkpoint } = await verifyFolder(folder, key);
  if (!ok || checkpoint?.size !== logEntries)
    throw new Error(`the copy of the log (${checkpointPath}): ${problems.join("; ") || "it has other entries"}`);
}

/** What an earlier teardown kept. @throws UserError where that does not hold any more: nothing is put in its place. */
async function readKept(folder: string): Promise<KeptRecords | undefined> {
  const file = join(folder, doneFile);
  if (!existsSync(file)) return undefined;
  try {
    const found = kept.parse(JSON.parse(await readFile(file, "utf8")));
    await verifyCopy(folder, found);
    return { folder, ...found };
  } catch (error) {
    throw new UserError(
      `What an earlier teardown kept in ${folder} does not hold any more: ${(error as Error).message}`,
      "Move the folder elsewhere, find out who changed it, and run the same command again.",
      { cause: error },
    );
  }
}
