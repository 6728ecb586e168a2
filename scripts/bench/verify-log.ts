import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { folderReader, keyFile } from "../../automation/audit/files";
import { LogKey } from "../../records/log/note";
import { verifyLog } from "../../records/log/verify";

/** Verifies the log in a folder; prints the processor time and how much memory the process ever had. */
async function main(folder: string): Promise<void> {
  const key = LogKey.parse(readFileSync(join(folder, keyFile), "utf8"));
  const started = process.cpuUsage();
  const { ok, problems } = await verifyLog(folderReader(folder), key);
  if (!ok) throw new Error(problems.join("\n"));
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  process.stdout.write(JSON.stringify({ seconds, megabytes: peakMegabytes() }));
}

/**
 * Of this process alone: what `getrusage` calls the peak counts on Linux what the process was before it became this
 * program, which is a copy of whoever started it (exec(2) keeps the peak of the memory that it leaves).
 */
function peakMegabytes(): number {
  const status = "/proc/self/status";
  const [, peak] = (existsSync(status) && /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, "utf8"))) || [];
  return (peak === undefined ? process.resourceUsage().maxRSS : Number(peak)) / 1024;
}

main(process.argv[2]!).catch((error: unknown) => {
  console.error((error as Error).stack ?? String(error));
  process.exitCode = 1;
});
