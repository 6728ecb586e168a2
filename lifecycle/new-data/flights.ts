import { type Counts, sumCounts } from "./counts";
import type { KnownFlight, ListedFile } from "./manifest";

/** What the readers of the container image take for images (`ml/peregrine_ml/annotations/model.py`). */
const imageFile = /\.(jpe?g|png|bmp|tiff?)$/i;

/** `flights.csv` at the data set's root: which flight an image comes from. */
export const flightsFile = "flights.csv";

/**
 * Flight by image, from `flights.csv`. Fields in quotes are taken as they are; lines without both columns count as
 * unreadable.
 * @returns how many lines could not be read, beside the flights.
 */
export function flightsOf(csv: string): { readonly flights: ReadonlyMap<string, string>; readonly unreadable: number } {
  const [header = "", ...lines] = csv.replace(/^\uFEFF/, "").split(/\r?\n/);
  const names = fieldsOf(header);
  const [file, flight] = [names.indexOf("file"), names.indexOf("flight")];
  const flights = new Map<string, string>();
  let unreadable = file < 0 || flight < 0 ? 1 : 0;
  if (unreadable === 0)
    for (const line of lines) {
      if (line.trim() === "") continue;
      const fields = fieldsOf(line);
      if (fields[file] && fields[flight]) flights.set(fields[file], fields[flight]);
      else unreadable += 1;
    }
  return { flights, unreadable };
}

function fieldsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    (quoted?.replaceAll('""', '"') ?? plain ?? "").trim(),
  );
}

/**
 * Which flight a file belongs to: what `flights.csv` says of the image it is or labels, else its folder. Label files
 * are known by the image of the same name; YOLO and VisDrone keep them in a twin of the images' folder.
 */
export function flightFinder(named: ReadonlyMap<string, string>): (key: string) => string {
  const byStem = new Map([...named].map(([file, flight]) => [stemOf(file), flight]));
  return (key) => byStem.get(stemOf(key)) ?? folderOf(key);
}

function stemOf(key: string): string {
  return key
    .replace(/\.[^./]+$/, "")
    .split("/")
    .filter((part) => !["images", "labels", "annotations"].includes(part))
    .join("/");
}

function folderOf(key: string): string {
  return stemOf(key).split("/").slice(0, -1).join("/") || "(root)";
}

/** What each flight holds. */
export function countFlights(
  files: readonly Pick<ListedFile, "key" | "labels">[],
  flightOf: (key: string) => string,
): Record<string, KnownFlight> {
  const flights = new Map<string, { images: number; labels: Counts[] }>();
  const of = (key: string) => {
    const name = flightOf(key);
    const flight = flights.get(name) ?? { images: 0, labels: [] };
    flights.set(name, flight);
    return flight;
  };
  for (const { key, labels } of files) {
    if (imageFile.test(key)) of(key).images += 1;
    for (const [image, counts] of Object.entries(labels ?? {})) of(image === "" ? key : image).labels.push(counts);
  }
  return Object.fromEntries(
    [...flights].map(([name, { images, labels }]) => [name, { images, labels: { ...sumCounts(labels) } }]),
  );
}
