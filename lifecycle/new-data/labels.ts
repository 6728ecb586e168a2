import { XMLParser } from "fast-xml-parser";
import { parse as parseYaml } from "yaml";
import { type Counts, countNames } from "./counts";

/** Objects by class, for each image that a label file is about; the empty name is the image beside the file. */
export type LabelsOfFile = Readonly<Record<string, Counts>>;

/** How a file labels images (`ml/peregrine_ml/annotations/` reads the same four); undefined where it does not. */
export function labelFormat(key: string): "voc" | "yolo" | "visdrone" | "coco" | undefined {
  const name = key.split("/").at(-1)!.toLowerCase();
  if (name.endsWith(".xml")) return "voc";
  if (name.endsWith(".json")) return name === "manifest.json" ? undefined : "coco";
  if (!name.endsWith(".txt") || name === "classes.txt" || name.startsWith("readme")) return undefined;
  return key.split("/").includes("annotations") ? "visdrone" : "yolo";
}

/** Files that name YOLO's classes; the first that is there counts. */
export const classFiles = ["data.yaml", "classes.txt"] as const;

/** Class names in the order of their numbers. @throws Error where the file has none. */
export function classNames(file: (typeof classFiles)[number], text: string): string[] {
  if (file === "classes.txt") return text.split(/\r?\n/).flatMap((line) => line.trim() || []);
  const { names } = (parseYaml(text) ?? {}) as { names?: unknown };
  if (Array.isArray(names)) return names.map(String);
  if (names !== null && typeof names === "object") return Object.values(names).map(String);
  throw new Error(`${file} has no class names`);
}

/**
 * Objects by class in a label file.
 * @param names YOLO's class names; undefined where nobody named them, and then classes are called by their numbers.
 * @throws Error saying what is wrong with the file. A COCO file without its three lists holds no labels.
 */
export function countLabels(
  format: NonNullable<ReturnType<typeof labelFormat>>,
  text: string,
  names: readonly string[] | undefined,
): LabelsOfFile {
  switch (format) {
    case "voc":
      return { "": countVoc(text) };
    case "yolo":
      return { "": countLines(text, (line) => yoloClass(line, names)) };
    case "visdrone":
      return { "": countLines(text, visdroneClass) };
    case "coco":
      return countCoco(text);
  }
}

const xml = new XMLParser({ ignoreAttributes: true, isArray: (name) => name === "object", parseTagValue: false });

function countVoc(text: string): Counts {
  const { annotation } = xml.parse(text, true) as { annotation?: { object?: readonly { name?: unknown }[] } | "" };
  if (annotation === undefined) throw new Error("its root is no <annotation>");
  return countNames(
    (annotation === "" ? [] : (annotation.object ?? [])).map(({ name }, index) => {
      if (typeof name !== "string" || name.trim() === "") throw new Error(`object ${index + 1} has no <name>`);
      return name.trim();
    }),
  );
}

/** Each line is an object. @param classOf undefined where a line is none that counts. */
function countLines(text: string, classOf: (line: string) => string | undefined): Counts {
  return countNames(
    text.split(/\r?\n/).flatMap((line, index) => {
      if (line.trim() === "") return [];
      try {
        return classOf(line) ?? [];
      } catch (error) {
        throw new Error(`line ${index + 1}: ${(error as Error).message}`, { cause: error });
      }
    }),
  );
}

function yoloClass(line: string, names: readonly string[] | undefined): string {
  const fields = line.trim().split(/\s+/);
  if (fields.length !== 5 || !/^\d+$/.test(fields[0]!)) throw new Error("is not `class cx cy w h`");
  const index = Number(fields[0]);
  if (names === undefined) return `class ${index}`;
  const name = names[index];
  if (name === undefined) throw new Error(`class ${index}, but there are ${names.length} class names`);
  return name;
}

/** Of VisDrone-DET, 1 to 10; 0 is an ignored region, 11 is others, and a score of 0 does not count. */
const visdroneCategories = [
  "pedestrian",
  "people",
  "bicycle",
  "car",
  "van",
  "truck",
  "tricycle",
  "awning-tricycle",
  "bus",
  "motor",
] as const;

function visdroneClass(line: string): string | undefined {
  const [, , , , score, category] = line.split(",").map(Number);
  if (score === undefined || category === undefined || !(category >= 0 && category <= 11))
    throw new Error("is not eight whole numbers of VisDrone");
  return score === 0 ? undefined : visdroneCategories[category - 1];
}

interface Coco {
  readonly images: readonly { readonly id?: unknown; readonly file_name?: unknown }[];
  readonly annotations: readonly {
    readonly image_id?: unknown;
    readonly category_id?: unknown;
    readonly iscrowd?: unknown;
  }[];
  readonly categories: readonly { readonly id?: unknown; readonly name?: unknown }[];
}

function countCoco(text: string): LabelsOfFile {
  const { images, annotations, categories } = JSON.parse(text) as Partial<Coco>;
  if (!Array.isArray(images) || !Array.isArray(annotations) || !Array.isArray(categories)) return {};
  const files = new Map((images as Coco["images"]).map(({ id, file_name }) => [id, String(file_name)]));
  const names = new Map((categories as Coco["categories"]).map(({ id, name }) => [id, String(name)]));
  const found = new Map<string, string[]>();
  for (const { image_id, category_id, iscrowd } of annotations as Coco["annotations"]) {
    const [file, name] = [files.get(image_id), names.get(category_id)];
    if (file === undefined || name === undefined)
      throw new Error("an annotation names an image or category not listed");
    // Crowds cover groups, not objects.
    if (!iscrowd) found.set(file, [...(found.get(file) ?? []), name]);
  }
  return Object.fromEntries([...found].map(([file, all]) => [file, countNames(all)]));
}
