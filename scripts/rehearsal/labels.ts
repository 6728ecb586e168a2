import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Metrics } from "../../aws/cloudwatch";
import { ObjectStore } from "../../aws/s3";
import { callerIdentity } from "../../aws/sts";
import { deliver } from "../../automation/labels/deliver";
import { exportForLabelling } from "../../automation/labels/export";
import { exportFiles } from "../../automation/labels/label-set";
import { labelPlace } from "../../automation/labels/place";
import { readLabels } from "../../automation/labels/read-labels";
import { poll } from "../../automation/poll";
import { monitoringMetric, monitoringNamespace, monitoringPart } from "../../contract/monitoring";
import { championVariant } from "../../contract/variants";
import { classNames } from "../../lifecycle/new-data/labels";
import type { MonitoringReport } from "./monitoring";
import { type OnProgress, patience, type Rehearsal } from "./rehearsal";
import type { Facts } from "./summary";

/** Images that people are given. */
const labelledImages = 60;
const hourMs = 3_600_000;

/**
 * A round of labelling: an ML engineer of production has captured answers chosen, people draw what is in their images,
 * and what they drew comes back by inference id. The next run of the monitoring measures quality on it.
 */
export async function labelAnswers(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { prod } = rehearsal.environments;
  const place = await labelPlace({ ...prod.session, profile: "ml-engineer-prod" }, prod.name);
  const folder = await mkdtemp(join(tmpdir(), "to-label-"));
  try {
    onProgress("choosing captured answers to label");
    const from = new Date(place.now.getTime() - hourMs);
    const { manifest, candidates } = await exportForLabelling(place, {
      from,
      to: place.now,
      count: labelledImages,
      folder,
      seed: "",
    });
    onProgress("people draw what is in the images");
    const drawn = await draw(rehearsal, folder);
    const { labels } = readLabels(drawn, { manifest, emptyIsBackground: true });
    onProgress("taking in what they drew");
    const receipts = await deliver(place, labels);
    const chosen = manifest.images.map(({ why }) => why);
    return {
      "labels chosen": `${chosen.length} of ${candidates} answers`,
      "by lot": chosen.filter((why) => why === "random").length,
      "labels taken": receipts.reduce((sum, { accepted }) => sum + accepted, 0),
      "delivered by": receipts[0]!.by,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface CocoFile {
  readonly images: readonly {
    readonly id: number;
    readonly file_name: string;
    readonly width: number;
    readonly height: number;
  }[];
  readonly categories: readonly { readonly id: number; readonly name: string }[];
}

/**
 * People see what the owner of the data saw in the same tiles, and leave out what else was sent. @returns COCO's file with
 * their boxes.
 */
async function draw(rehearsal: Rehearsal, folder: string): Promise<string> {
  const coco = JSON.parse(await readFile(join(folder, exportFiles.coco), "utf8")) as CocoFile;
  const truth = await truthOf(rehearsal);
  const names = [...new Set([...coco.categories.map(({ name }) => name), ...truth.names])];
  const annotations: object[] = [];
  const images: CocoFile["images"][number][] = [];
  for (const image of coco.images) {
    const { id, file_name, width, height } = image;
    const boxes = truth.boxes.get(digest(await readFile(join(folder, file_name))));
    if (boxes) images.push(image);
    for (const { name, box } of boxes ?? []) {
      const [x, y, w, h] = box;
      const bbox = [(x - w / 2) * width, (y - h / 2) * height, w * width, h * height];
      const [annotation, category] = [annotations.length + 1, names.indexOf(name) + 1];
      annotations.push({ id: annotation, image_id: id, category_id: category, bbox });
    }
  }
  const categories = names.map((name, index) => ({ id: index + 1, name }));
  return JSON.stringify({ ...coco, images, categories, annotations });
}

interface Truth {
  readonly names: readonly string[];
  /** By digest of the tile: class, and middle and size as shares of the image. */
  readonly boxes: ReadonlyMap<string, { name: string; box: readonly [number, number, number, number] }[]>;
}

/** The labels of the tiles that traffic sends, from the prepared data set that they were cut for. */
async function truthOf({ environments: { dev }, tiles }: Rehearsal): Promise<Truth> {
  const store = new ObjectStore(dev.session);
  const { artifactsBucket: bucket } = await dev.outputs();
  const text = async (key: string): Promise<string> => {
    const body = await store.get({ bucket, key });
    if (!body) throw new Error(`no s3://${bucket}/${key}`);
    return body.toString("utf8");
  };
  const [prefix] = tiles[0]!.key.split("images/");
  const names = classNames("data.yaml", await text(`${prefix}data.yaml`));
  const boxes = await Promise.all(
    tiles.map(async ({ key, body }) => {
      const lines = (await text(key.replace("/images/", "/labels/").replace(/\.\w+$/, ".txt"))).trim().split("\n");
      const found = lines.filter(Boolean).map((line) => {
        const [index, x, y, w, h] = line.split(" ").map(Number) as [number, number, number, number, number];
        return { name: names[index]!, box: [x, y, w, h] as const };
      });
      return [digest(body), found] as const;
    }),
  );
  return { names, boxes: new Map(boxes) };
}

function digest(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}

/**
 * What a run measured on the labels: of the whole, and of a slice in CloudWatch, where alarms and people look.
 * @throws Error when it measured nothing.
 */
export async function measuredQuality({ environments: { prod } }: Rehearsal, report: MonitoringReport): Promise<Facts> {
  const whole = report.quality?.variants[championVariant];
  if (!whole || whole.labelled === 0 || whole.metrics["map50"]?.value == null)
    throw new Error(`no quality was measured on what people labelled: ${JSON.stringify(report.quality)}`);
  const slice = mostLabelled(report);
  const { endpointName } = await prod.outputs();
  const read = async (): Promise<number | undefined> => {
    const { at } = await callerIdentity(prod.session);
    const query = {
      namespace: monitoringNamespace(prod.name),
      name: monitoringMetric.map50,
      statistic: "Average",
      dimensions: { EndpointName: endpointName, VariantName: championVariant, [monitoringPart.slice]: slice },
      periodSeconds: 60,
    };
    return (await new Metrics(prod.session).values(query, new Date(at.getTime() - 12 * hourMs), at)).at(-1);
  };
  const published = await poll(read, (value) => value !== undefined, patience);
  if (published === undefined) throw new Error(`CloudWatch has no ${monitoringMetric.map50} of the slice ${slice}`);
  return {
    labelled: whole.labelled,
    "labelled share": whole.coverage ?? "unknown",
    "hours to a label": whole.lag_hours ?? "unknown",
    "mAP50 on labels": Number(whole.metrics["map50"].value.toFixed(3)),
    [`mAP50 on labels, ${slice}`]: Number(published.toFixed(3)),
  };
}

/** The slice with most labels of those that images have, as metrics call it. */
function mostLabelled(report: MonitoringReport): string {
  const kinds = Object.entries(report.quality!.slices[championVariant] ?? {}).filter(([kind]) => kind !== "sample");
  const slices = kinds.flatMap(([kind, values]) =>
    Object.entries(values).map(([name, { labelled }]) => ({ name: `${kind}-${name.replaceAll(" ", "-")}`, labelled })),
  );
  const [most] = slices.sort((one, other) => other.labelled - one.labelled);
  if (!most) throw new Error("labelled answers are in no slice: their model has no baseline");
  return most.name;
}
