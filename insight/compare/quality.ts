import { type Outcomes, tileKey, type TileOutcome } from "./outcomes";
import {
  averagePrecision,
  type CurvePoint,
  draws,
  type Interval,
  meanAveragePrecision,
  middle,
  precisions,
  type Ranking,
  rankingOf,
} from "./resampling";

/** A value with its 95 % interval, where there are tiles to draw from. */
export interface Estimate {
  readonly value: number;
  readonly interval?: Interval;
}

/** What users get at a model's own threshold. */
export interface OperatingPoint {
  readonly confidence: number;
  readonly right: number;
  readonly wrong: number;
  readonly missed: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** A row of a table of qualities: one estimate a model, and each later one's gain over the first. */
export interface QualityRow {
  readonly name: string;
  readonly tiles: number;
  readonly boxes: number;
  readonly values: readonly (Estimate | undefined)[];
  readonly gains: readonly (Estimate | undefined)[];
}

/** A real tile that models answer differently: each one's own outcome of it. */
export interface Disagreement {
  readonly tile: TileOutcome;
  readonly of: readonly TileOutcome[];
  /** True boxes that one model found and another did not, and wrong answers that one has more than another. */
  readonly weight: number;
}

export interface QualityComparison {
  readonly classes: readonly string[];
  /** Real tiles that all models were scored on, and how many each was scored on alone. */
  readonly tiles: number;
  readonly tilesOf: readonly number[];
  readonly rows: readonly QualityRow[];
  readonly perClass: readonly QualityRow[];
  readonly slices: readonly QualityRow[];
  /** Of each model and class. */
  readonly curves: readonly (readonly (readonly CurvePoint[] | undefined)[])[];
  readonly operating: readonly OperatingPoint[];
  /** The heaviest first. */
  readonly disagreements: readonly Disagreement[];
}

const samples = 1000;
/** Fewer tiles say too little of how others would differ: a value is told without an interval then. */
const minTiles = 10;
/** Of slices, which are many: their 95 % intervals are off by some per cent of their width. */
const sliceSamples = 200;

/**
 * Compares models by what they answered to the tiles that all of them were scored on. Tiles are drawn with repetition,
 * the same ones for all models, so that the interval of a gain is that of the paired difference.
 * @returns why not, as a text, where the models know different classes or share no tile.
 */
export function compareQuality(models: readonly Outcomes[]): QualityComparison | string {
  const classes = models[0]!.classes;
  if (models.some((model) => model.classes.join("\n") !== classes.join("\n")))
    return `they know different classes: ${[...new Set(models.map((model) => model.classes.join(", ")))].join("; ")}`;
  const shared = sharedTiles(models);
  const real = shared.map((tiles) => tiles.filter(({ derived }) => !derived));
  if (real[0]!.length === 0) return "no tile was answered by all of them";
  const rankings = real.map((tiles) => classes.map((_, label) => rankingOf(tiles, label)));
  const counts = draws(real[0]!.length, samples);
  return {
    classes,
    tiles: real[0]!.length,
    tilesOf: models.map(({ images }) => images.filter(({ derived }) => !derived).length),
    rows: [row("mAP50", real, (model, drawn) => meanAveragePrecision(rankings[model]!, drawn), counts)],
    perClass: classes.map((name, label) =>
      row(name, real, (model, drawn) => averagePrecision(rankings[model]![label]!, drawn), counts, label),
    ),
    slices: slicesOf(shared, classes.length),
    curves: rankings.map((own, model) =>
      own.map((ranking) => precisions(ranking)?.map((point) => unscaled(point, models[model]!))),
    ),
    operating: models.map(({ confidence }, model) => operatingPoint(real[model]!, confidence)),
    disagreements: disagreementsOf(real),
  };
}

/** Tiles that all models answered, in the same order for each. */
function sharedTiles(models: readonly Outcomes[]): TileOutcome[][] {
  const known = models.map(({ images }) => new Map(images.map((tile) => [tileKey(tile), tile])));
  const keys = [...known[0]!.keys()].filter((key) => known.every((tiles) => tiles.has(key)));
  return known.map((tiles) => keys.map((key) => tiles.get(key)!));
}

function row(
  name: string,
  tiles: readonly (readonly TileOutcome[])[],
  measure: (model: number, counts?: Uint32Array) => number | undefined,
  counts: readonly Uint32Array[],
  label?: number,
): QualityRow {
  const enough = tiles[0]!.length >= minTiles;
  const estimate = (value: number, draws: readonly number[]): Estimate => {
    const interval = enough ? middle(draws) : undefined;
    return interval ? { value, interval } : { value };
  };
  const drawn = tiles.map((_, model) => (enough ? counts.map((one) => measure(model, one)) : []));
  const values = tiles.map((_, model): Estimate | undefined => {
    const value = measure(model);
    return value === undefined
      ? undefined
      : estimate(
          value,
          drawn[model]!.filter((one) => one !== undefined),
        );
  });
  const gains = values.map((value, model): Estimate | undefined => {
    if (model === 0 || !value || !values[0]) return undefined;
    const paired = drawn[model]!.flatMap((one, index) => {
      const first = drawn[0]![index];
      return one === undefined || first === undefined ? [] : [one - first];
    });
    return estimate(value.value - values[0].value, paired);
  });
  const boxes = tiles[0]!.reduce(
    (sum, tile) => sum + tile.true.filter((box) => label === undefined || box[4] === label).length,
    0,
  );
  return { name, tiles: tiles[0]!.length, boxes, values, gains };
}

/** As `evaluate` cuts them: by light at the usual altitude, by altitude in daylight. */
function slicesOf(shared: readonly (readonly TileOutcome[])[], classes: number): QualityRow[] {
  const groups = new Map<string, number[]>();
  for (const [index, { light, altitude }] of shared[0]!.entries()) {
    const names = [
      ...(altitude === "nominal" ? [`light ${light}`] : []),
      ...(light === "day" ? [`altitude ${altitude}`] : []),
    ];
    for (const name of names) groups.set(name, [...(groups.get(name) ?? []), index]);
  }
  return [...groups].map(([name, indices]) => {
    const tiles = shared.map((own) => indices.map((index) => own[index]!));
    const rankings: Ranking[][] = tiles.map((own) =>
      Array.from({ length: classes }, (_, label) => rankingOf(own, label)),
    );
    const measure = (model: number, counts?: Uint32Array) => meanAveragePrecision(rankings[model]!, counts);
    return row(name, tiles, measure, draws(indices.length, sliceSamples));
  });
}

function operatingPoint(tiles: readonly TileOutcome[], confidence: number): OperatingPoint {
  const shown = tiles.flatMap((tile) => tile.shown);
  const right = shown.filter((answer) => answer[6] === 1).length;
  const boxes = tiles.reduce((sum, tile) => sum + tile.true.length, 0);
  const precision = shown.length > 0 ? right / shown.length : 0;
  const recall = boxes > 0 ? right / boxes : 0;
  const f1 = right > 0 ? (2 * precision * recall) / (precision + recall) : 0;
  return { confidence, right, wrong: shown.length - right, missed: boxes - right, precision, recall, f1 };
}

function disagreementsOf(shared: readonly (readonly TileOutcome[])[]): Disagreement[] {
  return shared[0]!
    .map((tile, index): Disagreement => {
      const of = shared.map((own) => own[index]!);
      const boxes = tile.true.map((_, box) => new Set(of.map((one) => one.true[box]![5])).size > 1);
      const wrong = of.map(({ shown }) => shown.filter((answer) => answer[6] === 0).length);
      return { tile, of, weight: boxes.filter(Boolean).length + Math.max(...wrong) - Math.min(...wrong) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || (a.tile.file < b.tile.file ? -1 : 1));
}

function unscaled({ score, ...point }: CurvePoint, { score_steps: steps }: Outcomes): CurvePoint {
  return score === undefined ? point : { ...point, score: score / steps };
}
