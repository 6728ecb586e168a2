/** `warning`: nothing stops because of it today. */
export type Level = "ok" | "warning" | "failed";

/** What a check found. */
export interface CheckResult {
  readonly level: Level;
  /** What was found, as a sentence. */
  readonly text: string;
  /** What to do about it; empty when all is well. */
  readonly cure: string;
}

/** The result of one check, by its name. */
export interface Finding extends CheckResult {
  readonly name: string;
}

export const ok = (text: string): CheckResult => ({ level: "ok", text, cure: "" });
export const warning = (text: string, cure: string): CheckResult => ({ level: "warning", text, cure });
export const failed = (text: string, cure: string): CheckResult => ({ level: "failed", text, cure });

/** The worst of several results as one, with all that is not well; `well` when everything is. */
export function combined(results: readonly CheckResult[], well: string): CheckResult {
  const bad = results.filter(({ level }) => level !== "ok");
  if (bad.length === 0) return ok(well);
  const text = bad.map((one) => one.text).join("; ");
  const cure = [...new Set(bad.map((one) => one.cure))].join("\n");
  return bad.some(({ level }) => level === "failed") ? failed(text, cure) : warning(text, cure);
}
