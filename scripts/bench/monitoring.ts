import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { projectDir } from "../project";
import type { Recorder } from "./figures";

const budget = { lines: 20_000, seconds: 20, megabytes: 500 };
/** Ten times as many lines may take so much more memory: what is kept of an hour does not grow, a buffer may. */
const memoryRatio = 1.1;

interface Run {
  readonly lines: number;
  readonly seconds: number;
  readonly megabytes: number;
  readonly records: number;
  readonly gigabytes: number;
}

/** The verb `monitor` on captured lines with images. @param lines of the first run; the second has ten times as many. */
export function benchMonitoring(record: Recorder, lines = budget.lines): void {
  const [once, tenfold] = [lines, 10 * lines].map(monitorWindow) as [Run, Run];
  record.about = `A window of ${once.lines} captured lines with images of 50 kB, ${once.gigabytes.toFixed(1)} GB together, is read, summarised, compared and reported on by two cores; then one of ${tenfold.lines}. The files lie on this machine, most of them in its memory.`;
  const whole = lines >= budget.lines;
  record.figure(`monitor, ${once.lines} lines`, once.seconds, "s", {
    text: `at most ${budget.seconds} s`,
    met: whole && once.seconds <= budget.seconds,
  });
  record.figure(`monitor, ${once.lines} lines, peak memory`, once.megabytes, "MB", {
    text: `at most ${budget.megabytes} MB`,
    met: whole && once.megabytes <= budget.megabytes,
  });
  record.figure(`monitor, ${tenfold.lines} lines`, tenfold.seconds, "s");
  record.figure("peak memory of ten times as many lines", tenfold.megabytes / once.megabytes, "times", {
    text: `at most ${memoryRatio} times`,
    met: tenfold.megabytes / once.megabytes <= memoryRatio,
  });
}

function monitorWindow(lines: number): Run {
  const python = join(projectDir, ".venv", "bin", "python");
  const script = join(projectDir, "scripts", "bench", "monitor_window.py");
  return JSON.parse(execFileSync(python, [script, join(projectDir, "ml"), String(lines)], { encoding: "utf8" })) as Run;
}
