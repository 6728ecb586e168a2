import type { MlflowRun } from "../../aws/mlflow";
import { type FactKind, factKinds, type FactName } from "./expression";

/** A fact that runs have, by its exact name. */
export interface Fact {
  readonly kind: FactKind;
  readonly key: string;
}

export type Value = number | string;

/** Which value of a metric counts: the one that was logged last, or the best of all steps. */
export type MetricOf = (run: MlflowRun, key: string) => number | undefined;
export const lastOf: MetricOf = ({ metrics }, key) => (Object.hasOwn(metrics, key) ? metrics[key] : undefined);

/** What is known of a run beside what was logged to it. Times are milliseconds since 1970. */
const own: Readonly<Record<string, (run: MlflowRun) => Value | undefined>> = {
  id: ({ id }) => id,
  name: ({ name }) => name,
  experiment: ({ experiment }) => experiment,
  status: ({ status }) => status,
  start: ({ startMs }) => startMs,
  end: ({ endMs }) => endMs,
  seconds: ({ startMs, endMs }) => (endMs === undefined ? undefined : (endMs - startMs) / 1000),
};
/** Facts that are moments. */
export const moments: ReadonlySet<string> = new Set(["start", "end"]);

/** No run has such a fact, or several kinds of facts are called so. */
export class UnknownFact extends Error {
  constructor(
    readonly fact: FactName,
    problem: string,
  ) {
    super(problem);
    this.name = "UnknownFact";
  }
}

/** What the facts of some runs are called. */
export class Catalogue {
  private readonly names: Readonly<Record<FactKind, ReadonlySet<string>>>;

  constructor(runs: readonly MlflowRun[]) {
    const names = { metrics: new Set<string>(), params: new Set<string>(), tags: new Set<string>() };
    for (const run of runs)
      for (const kind of ["metrics", "params", "tags"] as const)
        for (const name of Object.keys(run[kind])) names[kind].add(name);
    this.names = { ...names, run: new Set(Object.keys(own)) };
  }

  /** Names of a kind, in order. */
  of(kind: FactKind): string[] {
    return [...this.names[kind]].sort();
  }

  /**
   * Which fact is meant. A run's own facts go first; of a tag its last part is enough, so that `reason` finds
   * `peregrine.run_reason`.
   * @throws UnknownFact.
   */
  find(fact: FactName): Fact {
    const kinds = fact.kind ? [fact.kind] : factKinds;
    const exact = kinds.filter((kind) => this.names[kind].has(fact.name));
    if (exact.includes("run")) return { kind: "run", key: fact.name };
    if (exact.length === 1) return { kind: exact[0]!, key: fact.name };
    if (exact.length > 1)
      throw new UnknownFact(
        fact,
        `${fact.name} is the name of several facts: say ${exact.map((kind) => `${kind}.${fact.name}`).join(" or ")}`,
      );
    const ends = kinds.includes("tags")
      ? this.of("tags").filter((name) => name.endsWith(`.${fact.name}`) || name.endsWith(`_${fact.name}`))
      : [];
    if (ends.length === 1) return { kind: "tags", key: ends[0]! };
    if (ends.length > 1)
      throw new UnknownFact(
        fact,
        `${fact.name} is the end of several tags: ${ends.map((name) => `tags.${name}`).join(", ")}`,
      );
    throw new UnknownFact(fact, `no run has ${what(fact)}${this.alike(fact)}`);
  }

  private alike({ name, kind }: FactName): string {
    const wanted = name.toLowerCase();
    const near = (kind ? [kind] : factKinds)
      .flatMap((one) =>
        this.of(one).map((key) => ({ text: `${one}.${key}`, distance: distance(wanted, key.toLowerCase()) })),
      )
      .filter(({ distance }) => distance <= Math.max(2, Math.floor(wanted.length / 3)))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 3);
    return near.length > 0 ? `; there is ${near.map(({ text }) => text).join(", ")}` : "";
  }
}

/** The value of a fact of a run, undefined where it has none. */
export function valueOf(run: MlflowRun, { kind, key }: Fact, metricOf: MetricOf = lastOf): Value | undefined {
  if (kind === "run") return own[key]?.(run);
  if (kind === "metrics") return metricOf(run, key);
  return Object.hasOwn(run[kind], key) ? run[kind][key] : undefined;
}

/** Of losses, times and sizes less is better. */
export function lessIsBetter(metric: string): boolean {
  return /loss|latency|seconds|_ms$|bytes|error/i.test(metric);
}

function what({ kind, name }: FactName): string {
  const words: Readonly<Record<FactKind, string>> = {
    metrics: "a metric",
    params: "a parameter",
    tags: "a tag",
    run: "a fact of its own",
  };
  return `${kind ? words[kind] : "anything"} called ${name}`;
}

/** Edit distance (Levenshtein); a name that holds the other is near. */
function distance(one: string, other: string): number {
  if (other.includes(one)) return 1;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++)
      next[to] = Math.min(next[to - 1]! + 1, row[to]! + 1, row[to - 1]! + (one[at - 1] === other[to - 1] ? 0 : 1));
    row = next;
  }
  return row[other.length]!;
}
