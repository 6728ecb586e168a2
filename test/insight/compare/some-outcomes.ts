import type { Outcomes, TileOutcome } from "../../../insight/compare/outcomes";

type Answer = readonly [score: number, hit: 0 | 1];

/** A tile with as many true boxes of one class, and answers best first; those from 0.5 on are shown. */
export function tile(
  file: string,
  boxes: number,
  answers: readonly Answer[],
  more: Partial<TileOutcome> = {},
): TileOutcome {
  const shown = answers.filter(([score]) => score >= 0.5);
  const found = shown.filter(([, hit]) => hit === 1).length;
  return {
    file,
    sha256: file.padEnd(64, "0"),
    flight: "oak-1",
    light: "day",
    altitude: "nominal",
    derived: false,
    width: 256,
    height: 256,
    true: Array.from({ length: boxes }, (_, at) => [at * 10, 0, at * 10 + 8, 8, 0, at < found ? 1 : 0]),
    shown: shown.map(([score, hit], at) => [at * 10, 0, at * 10 + 8, 8, 0, score, hit]),
    ranked: [{ scores: answers.map(([score]) => score * 10_000), hits: answers.map(([, hit]) => hit).join("") }],
    ...more,
  };
}

export function outcomes(...images: TileOutcome[]): Outcomes {
  return { schema: "peregrine.outcomes/1", classes: ["tree"], confidence: 0.5, score_steps: 10_000, images };
}
