import type { MlflowRun } from "../../aws/mlflow";
import type { FactKind } from "../runs/expression";
import { lessIsBetter } from "../runs/facts";

/** What one of those that are compared is: a run, or a package or release that has one. */
export interface Subject {
  /** As it was asked for. */
  readonly asked: string;
  readonly name: string;
  readonly run?: MlflowRun;
  /** Beside what the run says: package, release, decision. */
  readonly facts: Readonly<Record<string, string>>;
  readonly cost?: TrainingCost;
  /** What could not be read of it, as texts. */
  readonly gaps: readonly string[];
}

/** What the training of a model cost, without the steps around it. */
export interface TrainingCost {
  readonly instanceType: string;
  readonly instances: number;
  readonly billableSeconds: number;
  /** On demand; undefined where the price is not known. */
  readonly usd?: number;
}

/** A fact of all that are compared; undefined where one has none. */
export interface FactRow {
  readonly kind: FactKind;
  readonly name: string;
  readonly values: readonly (number | string | undefined)[];
  readonly differs: boolean;
  /** Of metrics that differ: whose is best. */
  readonly best?: number;
}

/** Tags that differ between any two runs and tell nothing about the models. */
const noise: ReadonlySet<string> = new Set([
  "mlflow.runName",
  "mlflow.source.name",
  "mlflow.source.type",
  "mlflow.user",
]);

/** Metrics that are no better where they are higher, or lower: the learning rate. */
const neither = /^(lr|.*[_/]lr|lr[_/].*)$/;

/** All facts of some, one row each: what they are, parameters, tags, then metrics; each kind in the order of names. */
export function factRows(subjects: readonly Subject[]): FactRow[] {
  const of = (
    kind: FactKind,
    read: (subject: Subject) => Readonly<Record<string, number | string>> | undefined,
  ): FactRow[] => {
    const names = new Set<string>();
    const records = subjects.map((subject) => read(subject) ?? {});
    for (const record of records) for (const name in record) names.add(name);
    return [...names].sort().map((name): FactRow => {
      const values = records.map((record) => (Object.hasOwn(record, name) ? record[name] : undefined));
      const differs = values.some((value) => !Object.is(value, values[0]));
      const best = kind === "metrics" && differs && !neither.test(name) ? bestOf(name, values) : undefined;
      return { kind, name, values, differs, ...(best === undefined ? {} : { best }) };
    });
  };
  return [
    ...of("run", ({ run, facts }) => ({
      ...(run ? { status: run.status, experiment: run.experiment } : {}),
      ...facts,
    })),
    ...of("params", ({ run }) => run?.params),
    ...of("tags", ({ run }) => run?.tags).filter(({ name }) => !noise.has(name)),
    ...of("metrics", ({ run }) => run?.metrics),
  ];
}

/** @returns undefined where less than two have the metric, or several the best value. */
function bestOf(name: string, values: readonly (number | string | undefined)[]): number | undefined {
  const known = values.flatMap((value, index) =>
    typeof value === "number" && !Number.isNaN(value) ? [{ value, index }] : [],
  );
  if (known.length < 2) return undefined;
  const sign = lessIsBetter(name) ? -1 : 1;
  const best = known.reduce((a, b) => (sign * b.value > sign * a.value ? b : a));
  return known.filter(({ value }) => value === best.value).length === 1 ? best.index : undefined;
}
