import type { ReleaseReporter } from "../automation/release/rollout/rollout";

/** `3.4 s`, `1 min 12 s`. */
export function elapsed(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Writes a line to standard error: what a command says beside its result. */
export function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Tells on standard error what a long command does, one line a stage with the time since its start. */
export function stageReporter(): ReleaseReporter {
  const started = performance.now();
  return {
    stage: (environment, what) => writeLine(`[${elapsed(performance.now() - started)}] ${environment}: ${what}`),
  };
}
