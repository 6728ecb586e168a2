import type { Members } from "../../../members";
import { jobChecks } from "../../../checks/jobs";

export interface FinalMetric {
  readonly name: string;
  readonly value: number;
  readonly atMs: number;
}

/** Reads metric values out of log lines by `MetricDefinitions` (name and a regular expression with one group). */
export class MetricScanner {
  private readonly definitions: { name: string; pattern: RegExp }[];
  readonly last = new Map<string, FinalMetric>();

  /** @throws AwsError ValidationException for a pattern that is no regular expression. */
  constructor(definitions: readonly Members[] = []) {
    this.definitions = definitions.map(({ Name, Regex }) => {
      try {
        return { name: String(Name), pattern: new RegExp(String(Regex)) };
      } catch (error) {
        throw jobChecks.metricRegex(Name, (error as Error).message);
      }
    });
  }

  /** @returns the values found in this line. */
  scan(line: string, nowMs: number): FinalMetric[] {
    const found: FinalMetric[] = [];
    for (const { name, pattern } of this.definitions) {
      const value = Number.parseFloat(pattern.exec(line)?.[1] ?? "");
      if (Number.isNaN(value)) continue;
      const metric = { name, value, atMs: nowMs };
      this.last.set(name, metric);
      found.push(metric);
    }
    return found;
  }
}
