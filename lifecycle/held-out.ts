import { createHash } from "node:crypto";

/** An image of a dataset: its path below the dataset's prefix, and whether labels lie beside it. */
export interface DatasetImage {
  readonly file: string;
  readonly labelled: boolean;
}

/** What is known of an image by `flights.csv`. */
export interface FlightRow {
  readonly file: string;
  readonly flight: string;
  /** `train`, `val`, `test` where the owner decided, else empty. */
  readonly split: string;
}

type Split = "train" | "val" | "test";

const splits: readonly Split[] = ["train", "val", "test"];
/** As `peregrine_ml/splits.py`, which training and this must agree with. */
const [testShare, valShare] = [0.2, 0.15];

/** Rows of `flights.csv`. Empty when there is none, or when it lacks the columns that training asks for. */
export function flightRows(text: string | undefined): FlightRow[] {
  const [head = [], ...rows] = text === undefined ? [] : csvRows(text);
  const column = (name: string) => head.indexOf(name);
  const [file, flight, split] = [column("file"), column("flight"), column("split")];
  if (file < 0 || flight < 0) return [];
  return rows.map((row) => ({
    file: (row[file] ?? "").trim(),
    flight: (row[flight] ?? "").trim(),
    split: split < 0 ? "" : (row[split] ?? "").trim(),
  }));
}

/**
 * Images whose flight no training ever saw: those of the test split, and those of flights without any label, which
 * training leaves out. Split by flight, never by image: pictures of one flight show the same ground.
 */
export function heldOut(images: readonly DatasetImage[], rows: readonly FlightRow[]): DatasetImage[] {
  const known = new Map(rows.map((row) => [row.file, row]));
  const flightOf = ({ file }: DatasetImage) => known.get(file)?.flight ?? folderOf(file);
  const labelled = images.filter((image) => image.labelled);
  const split = assignSplits(
    labelled.map((image) => ({ flight: flightOf(image), split: known.get(image.file)?.split ?? "" })),
  );
  return images.filter((image) => (split.get(flightOf(image)) ?? "test") === "test");
}

/**
 * The split of every flight: the owner's where one is given, else by the flight's name, so that a new flight moves no
 * other. A flight in two splits counts as trained on.
 */
export function assignSplits(
  images: readonly { readonly flight: string; readonly split: string }[],
): Map<string, Split> {
  const chosen = new Map<string, Set<string>>();
  for (const { flight, split } of images) chosen.set(flight, (chosen.get(flight) ?? new Set()).add(split));
  const decided = new Map(
    [...chosen].map(([flight, given]) => [
      flight,
      given.size > 1 ? ("train" as const) : ([...given][0] as Split | "") || byName(flight),
    ]),
  );
  return images.some(({ split }) => split) ? decided : filled(decided);
}

function byName(flight: string): Split {
  const share = digest(flight).readUInt32BE(0) / 2 ** 32;
  return share < testShare ? "test" : share < testShare + valShare ? "val" : "train";
}

/**
 * With few flights the names can leave a split empty: the flights nearest to it in the order of their digests fill it.
 */
function filled(decided: Map<string, Split>): Map<string, Split> {
  const order = [...decided.keys()].sort((one, other) => Buffer.compare(digest(one), digest(other)));
  if (order.length < splits.length) return decided;
  for (const [split, at] of [
    ["test", 0],
    ["val", 1],
    ["train", -1],
  ] as const)
    if (![...decided.values()].includes(split)) decided.set(order.at(at)!, split);
  return decided;
}

function digest(flight: string): Buffer {
  return createHash("sha256").update(flight, "utf8").digest();
}

/** The image's folder; an image that lies in none is a flight of its own. */
function folderOf(file: string): string {
  const parts = file.split("/");
  return parts.length > 1 ? parts.at(-2)! : file.replace(/\.[^.]+$/, "");
}

/** Comma-separated values (RFC 4180): cells may be quoted, with doubled quotes and line ends inside. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    const row = rows.at(-1)!;
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end !== ",") rows.push([]);
    if (end === "") break;
  }
  return rows.filter((row) => row.some((cell) => cell !== ""));
}
