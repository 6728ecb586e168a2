/** A setting that is no share. */
export interface BadThreshold {
  readonly environment: string;
  /** What the setting says; empty where it is not set. */
  readonly text: string;
}

/**
 * The lowest mAP50 that a release must have, 0..1: what goes to several environments must be good enough for each, so
 * their highest counts.
 * @param settings `minMap50` by environment, as their files have it.
 */
export function releaseThreshold(
  settings: Readonly<Record<string, unknown>>,
): { readonly threshold: number } | { readonly bad: readonly BadThreshold[] } {
  const read = Object.entries(settings).map(([environment, value]) => {
    const text = String(value ?? "").trim();
    return { environment, text, threshold: Number(text) };
  });
  const bad = read.filter(({ text, threshold }) => text === "" || !(threshold >= 0 && threshold <= 1));
  return bad.length > 0
    ? { bad: bad.map(({ environment, text }) => ({ environment, text })) }
    : { threshold: Math.max(...read.map(({ threshold }) => threshold)) };
}
