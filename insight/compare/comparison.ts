import { type FactRow, factRows, type Subject } from "./facts";
import type { Outcomes } from "./outcomes";
import { compareQuality, type QualityComparison } from "./quality";

/** A picture by its tile; undefined where it cannot be had. */
export type Picture = Readonly<{ contentType: string; body: Buffer }>;

export interface Comparison {
  readonly subjects: readonly Subject[];
  /** Facts that differ, or all of them where that was asked for. */
  readonly rows: readonly FactRow[];
  /** Facts that all of them have alike. */
  readonly alike: number;
  /** By what was answered to each tile; a text says why there is none. */
  readonly quality: QualityComparison | string;
  /** Whose outcomes were compared, by their place among the subjects. */
  readonly compared: readonly number[];
}

/** More of them are a table and no picture: nobody tells ten curves apart. */
export const maxInDetail = 6;

/**
 * Compares some. Quality is that of those whose outcomes are known, the first of them being what the others are held
 * against.
 * @param outcomes of each; undefined where there are none.
 */
export function comparisonOf(
  subjects: readonly Subject[],
  outcomes: readonly (Outcomes | undefined)[],
  { all = false }: { readonly all?: boolean } = {},
): Comparison {
  const rows = factRows(subjects);
  const compared = outcomes.flatMap((one, index) => (one ? [index] : []));
  const known = outcomes.filter((one) => one !== undefined);
  const quality =
    subjects.length > maxInDetail
      ? `more than ${maxInDetail} are compared by their facts alone`
      : known.length < 2
        ? "what was answered to each tile is known of fewer than two of them"
        : compareQuality(known);
  return {
    subjects,
    rows: all ? rows : rows.filter(({ differs }) => differs),
    alike: rows.filter(({ differs }) => !differs).length,
    quality,
    compared: typeof quality === "string" ? [] : compared,
  };
}
