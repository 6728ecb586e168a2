import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { UserError } from "../../automation/errors";
import { writeDataset } from "../../automation/labels/dataset";
import { deliver } from "../../automation/labels/deliver";
import { exportForLabelling } from "../../automation/labels/export";
import { imageSource } from "../../automation/labels/image-source";
import { type ExportManifest, exportFiles, exportManifest } from "../../automation/labels/label-set";
import { labelPlace } from "../../automation/labels/place";
import { readLabels } from "../../automation/labels/read-labels";
import { projectDir } from "../../automation/project-dir";
import { stackRegion } from "../../automation/stack/stack-files";
import { ObjectStore } from "../../aws/s3";
import { type EnvironmentName, environments } from "../../contract/environments";

interface Common {
  readonly stack: EnvironmentName;
  readonly profile: string;
  readonly json?: boolean;
}

/** What people say about answers: out to who labels, and back. Nothing here loads the engine. */
export function labelCommand(): Command {
  return new Command("label")
    .description("Have people look at what the endpoint answered, and take in what they say. For ML engineers.")
    .addCommand(exportCommand())
    .addCommand(importCommand());
}

const withCommon = (command: Command): Command =>
  command
    .addOption(new Option("-s, --stack <environment>", "environment").choices(environments).makeOptionMandatory())
    .option("--profile <name>", "AWS profile of an ML engineer of that environment", "ml-engineer")
    .option("--json", "print the result as JSON");

function exportCommand(): Command {
  return withCommon(
    new Command("export")
      .description(
        "Choose captured answers that are worth a person's time, and write their images with COCO and Label Studio tasks.",
      )
      .argument("<folder>", "where to write")
      .option("--count <number>", "images", wholeNumber, 100)
      .option("--from <time>", "first hour, ISO 8601 (default: a day before the last)", time)
      .option("--to <time>", "last hour (default: now)", time)
      .option("--images <place>", "folder or S3 URI of images <inference id>.jpg, where capture holds none")
      .option("--seed <text>", "another one draws other lots", ""),
  ).action(
    async (
      folder: string,
      {
        stack,
        profile,
        ...options
      }: Common & {
        count: number;
        from?: Date;
        to?: Date;
        images?: string;
        seed: string;
      },
    ) => {
      const place = await labelPlace({ region: stackRegion(stack, projectDir), profile }, stack);
      const { to = place.now, from = new Date(to.getTime() - 24 * 3_600_000), count, seed, images } = options;
      const source = images === undefined ? {} : { images: imageSource(images, new ObjectStore(place.session)) };
      const result = await exportForLabelling(place, { from, to, count, folder, seed, ...source });
      if (options.json) return print(result);
      const { manifest, answers, candidates, unreadable, doubled, withoutImage } = result;
      const reasons = countBy(manifest.images.map(({ why }) => why));
      process.stdout.write(
        [
          `${manifest.images.length} images of ${new Set(manifest.images.map(({ flight }) => flight)).size} flights in ${folder} (${reasons})`,
          `chosen from ${candidates} answers without labels, of ${answers} captured from ${from.toISOString()} to ${to.toISOString()}`,
          ...(unreadable > 0 ? [`${unreadable} captured lines are unreadable`] : []),
          ...(doubled > 0 ? [`${doubled} inference ids were given to several answers, which nobody can label`] : []),
          ...(withoutImage.length > 0
            ? [
                `${withoutImage.length} chosen answers have no image, such as ${withoutImage[0]}: name a source (--images)`,
              ]
            : []),
          `label ${join(folder, exportFiles.tasks)} or ${join(folder, exportFiles.coco)}, then: npx peregrine label import FILE --stack ${stack} --export ${folder}`,
          "",
        ].join("\n"),
      );
    },
  );
}

function importCommand(): Command {
  return withCommon(
    new Command("import")
      .description(
        "Take in labels: COCO, a Label Studio export (JSON), or JSON Lines. Checks all of the file before anything is taken.",
      )
      .argument("<file>", "labels")
      .option("--export <folder>", "the export that the images come from (default: the file's folder)")
      .option("--empty-is-background", "images without annotations in COCO show no object; else nobody labelled them")
      .option("--dataset <folder>", "also write the labelled images as flights to train on")
      .option("--light <name>", "light of these flights: day, dusk, night, fog, ...", "day")
      .option("--altitude <name>", "their altitude: nominal, low, high, or metres", "nominal")
      .option("--region <name>", "their region", "")
      .option("--check", "only check the file"),
  ).action(
    async (
      file: string,
      {
        stack,
        profile,
        ...options
      }: Common & {
        export?: string;
        emptyIsBackground?: boolean;
        dataset?: string;
        light: string;
        altitude: string;
        region: string;
        check?: boolean;
      },
    ) => {
      const folder = options.export ?? dirname(file);
      const manifest = readManifest(folder, options.export !== undefined || options.dataset !== undefined);
      const read = readLabels(readText(file), { manifest, emptyIsBackground: options.emptyIsBackground ?? false });
      const receipts =
        options.check === true || read.labels.length === 0
          ? []
          : await deliver(await labelPlace({ region: stackRegion(stack, projectDir), profile }, stack), read.labels);
      const dataset =
        options.dataset === undefined
          ? undefined
          : writeDataset(read.labels, manifest!, folder, options.dataset, options);
      if (options.json) return print({ ...read, labels: read.labels.length, receipts, dataset });
      const skipped = read.skipped > 0 ? `; ${read.skipped} not labelled yet, or given up` : "";
      process.stdout.write(`${read.labels.length} labels in a ${read.format} file, without a problem${skipped}\n`);
      for (const { accepted, key, by } of receipts)
        process.stdout.write(`taken: ${accepted} labels by ${by}, ${key}\n`);
      if (dataset)
        process.stdout.write(
          `${options.dataset}: ${dataset.images} images, ${dataset.boxes} boxes, flights ${dataset.flights.join(", ")}${dataset.severalLabels > 0 ? `; ${dataset.severalLabels} images with several people's labels are left out` : ""}\nadd them to the data set (its owner does), and train: prepare --formats coco reads them\n`,
        );
    },
  );
}

function readManifest(folder: string, needed: boolean): ExportManifest | undefined {
  const path = join(folder, exportFiles.manifest);
  if (!existsSync(path)) {
    if (!needed) return undefined;
    throw new UserError(
      `${path} is not there.`,
      "Name the folder that `npx peregrine label export` wrote: --export FOLDER",
    );
  }
  const parsed = exportManifest.safeParse(JSON.parse(readText(path)));
  if (parsed.success) return parsed.data;
  throw new UserError(
    `${path} is damaged: ${parsed.error.issues.map(({ path: at, message }) => `${at.join(".")}: ${message}`).join("; ")}`,
    "Export again.",
  );
}

function readText(file: string): string {
  if (!existsSync(file)) throw new UserError(`${file} is not there.`, "Name the file with the labels.");
  return readFileSync(file, "utf8");
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("must be a whole number above 0.");
  return number;
}

function time(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError("must be a time, such as 2026-11-29T07:00:00Z.");
  return at;
}

function countBy(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
}

function print(data: unknown): void {
  process.stdout.write(`${JSON.stringify(data, undefined, 2)}\n`);
}
