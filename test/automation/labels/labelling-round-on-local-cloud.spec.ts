import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeDataset } from "../../../automation/labels/dataset";
import { deliver } from "../../../automation/labels/deliver";
import { exportForLabelling } from "../../../automation/labels/export";
import { imageSource } from "../../../automation/labels/image-source";
import { exportManifest } from "../../../automation/labels/label-set";
import type { LabelPlace } from "../../../automation/labels/place";
import { readLabels } from "../../../automation/labels/read-labels";
import { ObjectStore } from "../../../aws/s3";
import { main } from "../../../scripts/cli";
import { FeedbackAccount, functionName, scope } from "../../infra/feedback/deployed-feedback";
import { enter, repository, venv } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";

const python = join(venv, "bin", "python");
const hour = "2026/01/02/07";
const [from, to] = [new Date("2026-01-02T07:00:00Z"), new Date("2026-01-02T07:59:00Z")];
const trees = [
  [10, 10, 60, 60],
  [100, 20, 150, 80],
];

/** JPEGs that differ, made by OpenCV as drones' are. */
function pictures(folder: string, count: number): Buffer[] {
  const program = `import cv2, sys, numpy as np
for n in range(int(sys.argv[2])):
    r = np.random.default_rng(n)
    image = r.integers(0, 255, (12, 16, 3), np.uint8).repeat(20, 0).repeat(20, 1)
    cv2.imwrite(f"{sys.argv[1]}/{n}.jpg", image)`;
  execFileSync(python, ["-c", program, folder, String(count)]);
  return Array.from({ length: count }, (_, index) => readFileSync(join(folder, `${index}.jpg`)));
}

/** A captured line, as SageMaker writes it: the answer found the first tree and missed the second. */
function captured(inferenceId: string, image: Buffer | undefined, confidence: number): string {
  const answer = {
    image: { w: 320, h: 240 },
    detections: [{ class: 0, name: "tree", confidence, box: trees[0] }],
    model: { sha256: "ab".repeat(32), architecture: "yolo11n", imgsz: 320, tiles: 1 },
    features: { luminance_mean: 120, blur: 300 + confidence, n_det: 1 },
    timing_ms: { total: 9 },
  };
  const input = {
    observedContentType: "image/jpeg",
    mode: "INPUT",
    data: image?.toString("base64"),
    encoding: "BASE64",
  };
  return JSON.stringify({
    captureData: {
      ...(image ? { endpointInput: input } : {}),
      endpointOutput: {
        observedContentType: "application/json",
        mode: "OUTPUT",
        data: JSON.stringify(answer),
        encoding: "JSON",
      },
    },
    eventMetadata: { eventId: `event-${inferenceId}`, inferenceId, inferenceTime: "2026-01-02T07:10:00Z" },
    eventVersion: "0",
  });
}

/** COCO as a tool gives it back: two trees in each image. */
function drawnIn(file: string): string {
  const document = JSON.parse(readFileSync(file, "utf8")) as { images: { id: number }[] };
  const annotations = document.images.flatMap(({ id }, index) =>
    trees.map(([left = 0, top = 0, right = 0, bottom = 0], at) => ({
      id: 2 * index + at + 1,
      image_id: id,
      category_id: 1,
      bbox: [left, top, right - left, bottom - top],
    })),
  );
  return JSON.stringify({ ...document, annotations });
}

/** Runs a command of the command line in this process. */
async function run(words: readonly string[]): Promise<{ code: number; text: string }> {
  let text = "";
  const writes = [process.stdout, process.stderr].map((stream) => {
    const { write } = stream;
    stream.write = ((part: string) => ((text += part), true)) as typeof stream.write;
    return () => (stream.write = write);
  });
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await main(["node", "peregrine", ...words]);
    return { code: Number(process.exitCode), text };
  } finally {
    for (const restore of writes) restore();
    process.exitCode = before;
  }
}

/** Answers go out to people, and what they draw comes back as ground truth, as quality, and as flights to train on. */
describe("a round of labelling on the local cloud", function () {
  const folder = makeTemporaryFolder();
  let account: FeedbackAccount;
  let place: LabelPlace;
  let leave: (() => void) | undefined;

  before(async () => {
    account = await FeedbackAccount.start();
    leave = enter(account.governed.local, join(folder, "aws"));
    const credentials = await account.governed.session("ml-engineer", "prod");
    place = {
      session: { region: account.governed.local.cloud.region, credentials },
      bucket: scope.artifactsBucket,
      endpoint: scope.endpointName,
      functionName,
      now: account.governed.local.cloud.clock.now(),
    };
    const images = pictures(folder, 12);
    const lines = images.map((image, index) =>
      captured(`flight-${index % 4}/${index}`, index === 11 ? undefined : image, 0.4 + index / 40),
    );
    const doubled = captured("flight-0/0", images[0], 0.5);
    await account.administer("s3", "PutObject", {
      Bucket: scope.artifactsBucket,
      Key: `capture/${scope.endpointName}/champion/${hour}/10-00-000-a.jsonl`,
      Body: Buffer.from([...lines, doubled, "{ cut off"].join("\n")),
    });
  });
  after(async () => {
    leave?.();
    await account?.stop();
  });

  it("writes chosen images with tasks, and says what cannot be labelled", async () => {
    const out = join(folder, "out");
    const exported = await exportForLabelling(place, { from, to, count: 20, folder: out, seed: "" });
    assert.deepEqual(
      [exported.answers, exported.candidates, exported.unreadable, exported.doubled, exported.withoutImage],
      [11, 11, 1, 1, ["flight-3/11"]],
    );
    const manifest = exportManifest.parse(JSON.parse(readFileSync(join(out, "export.json"), "utf8")));
    assert.equal(manifest.images.length, 10);
    assert.ok(manifest.images.some(({ sample }) => sample === "random"));
    for (const { file } of manifest.images)
      assert.equal(readFileSync(join(out, file)).subarray(0, 2).toString("hex"), "ffd8");
    const tasks = JSON.parse(readFileSync(join(out, "label-studio.json"), "utf8")) as {
      predictions: { result: unknown[] }[];
    }[];
    assert.ok(tasks.every(({ predictions }) => predictions[0]!.result.length === 1));
    const { annotations } = JSON.parse(readFileSync(join(out, "coco.json"), "utf8")) as { annotations: unknown[] };
    assert.deepEqual(annotations, [], "what the model found is not handed out as truth");
  });

  it("finds an image elsewhere where it was not captured", async () => {
    writeFileSync(join(folder, "11.jpg"), "picture of 11");
    const source = imageSource(folder, new ObjectStore(place.session));
    assert.equal(String(await source.find("11")), "picture of 11");
    assert.equal(await source.find("flight-3/11"), undefined);
    assert.equal(await source.find("../../11"), undefined);
  });

  it("takes in what people drew, and leaves labelled answers out of the next choice", async () => {
    const out = join(folder, "out");
    const manifest = exportManifest.parse(JSON.parse(readFileSync(join(out, "export.json"), "utf8")));
    const drawn = manifest.images.slice(0, 8).map(({ inferenceId, sample }) => ({
      data: { inference_id: inferenceId, sample },
      annotations: [
        {
          completed_by: { email: "ada@example.org" },
          result: trees.map(([left = 0, top = 0, right = 0, bottom = 0]) => ({
            type: "rectanglelabels",
            original_width: 320,
            original_height: 240,
            value: {
              x: (left / 320) * 100,
              y: (top / 240) * 100,
              width: ((right - left) / 320) * 100,
              height: ((bottom - top) / 240) * 100,
              rotation: 0,
              rectanglelabels: ["tree"],
            },
          })),
        },
      ],
    }));
    const { labels } = readLabels(JSON.stringify(drawn), { manifest, emptyIsBackground: false });
    const [receipt] = await deliver(place, labels);
    assert.deepEqual([receipt!.accepted, receipt!.by], [8, "peregrine-prod-ml-engineer/ben"]);
    const again = await exportForLabelling(place, { from, to, count: 20, folder: join(folder, "again"), seed: "" });
    assert.equal(again.candidates, 3);

    const dataset = join(folder, "dataset");
    const written = writeDataset(labels, manifest, out, dataset, {
      light: "day",
      altitude: "nominal",
      region: "north",
    });
    assert.deepEqual([written.images, written.boxes, written.severalLabels], [8, 16, 0]);
    assert.equal(written.flights.length, 4);
  });

  it("is done by the commands of docs/labelling.md", async () => {
    const page = readFileSync(join(repository, "docs", "labelling.md"), "utf8");
    const commands = [...page.matchAll(/^ *(npx peregrine label .*)$/gm)].map(([, command]) =>
      command!.split(/\s+/).slice(2),
    );
    assert.equal(commands.length, 3);
    const images = pictures(folder, 6);
    const { cloud } = account.governed.local;
    const now = cloud.clock.now().toISOString().slice(0, 13).replace(/[-T]/g, "/");
    await account.administer("s3", "PutObject", {
      Bucket: scope.artifactsBucket,
      Key: `capture/${scope.endpointName}/champion/${now}/10-00-000-b.jsonl`,
      Body: Buffer.from(images.map((image, index) => captured(`evening-${index % 3}/${index}`, image, 0.5)).join("\n")),
    });
    const before = process.cwd();
    process.chdir(makeTemporaryFolder());
    try {
      for (const command of commands) {
        if (command[1] === "import" && !existsSync("to-label/labelled.json"))
          writeFileSync("to-label/labelled.json", drawnIn("to-label/coco.json"));
        const told = await run(["label", ...command.slice(1), "--profile", "ab"]);
        assert.equal(told.code, 0, `${command.join(" ")}: ${told.text}`);
        if (command.includes("--dataset"))
          assert.match(told.text, /taken: 6 labels by user\/ab[^]*new-flights: 6 images, 12 boxes/);
      }
    } finally {
      process.chdir(before);
    }
  });

  it("becomes quality, in the monitoring's own reading", async () => {
    const store = new ObjectStore(place.session);
    const keys = await store.list(place.bucket, `labels/${place.endpoint}/`);
    const lines = await Promise.all(
      keys.map(async ({ key }) => String(await store.get({ bucket: place.bucket, key }))),
    );
    writeFileSync(join(folder, "labels.jsonl"), lines.join(""));
    const program = `import json, sys
from datetime import UTC, datetime, timedelta
import numpy as np
from peregrine_ml.monitoring import labels, quality
from peregrine_ml.monitoring.label_rules import Answer
lines = open(sys.argv[1]).read().splitlines()
reading = labels.read((f"line {n}", line) for n, line in enumerate(lines, 1))
now = max(label.at for label in reading.labels)
answers = [Answer(f"flight-{n % 4}/{n}", "champion", now - timedelta(hours=2), np.array([[10.0, 10, 60, 60]]),
                  np.array([0.5]), ("tree",)) for n in range(12)]
told = quality.report(reading.labels, answers, now)
print(json.dumps({"problems": reading.problems, **told.to_dict()}))`;
    const text = execFileSync(python, ["-c", program, join(folder, "labels.jsonl")], {
      encoding: "utf8",
      env: { ...process.env, PYTHONPATH: join(repository, "ml") },
    });
    const told = JSON.parse(text) as {
      problems: string[];
      variants: { champion: { labelled: number; metrics: Record<string, { value: number }> } };
    };
    assert.deepEqual(told.problems, []);
    const { labelled, metrics } = told.variants.champion;
    assert.deepEqual([labelled, metrics["precision"]!.value, metrics["recall"]!.value], [8, 1, 0.5]);
  });

  it("becomes flights that prepare reads", () => {
    const program = `import sys
from pathlib import Path
from peregrine_ml import prepare
made = prepare.prepare(Path(sys.argv[1]), Path(sys.argv[2]), prepare.Options(formats=("coco",), slices=False))
print(made["classes"], sum(split["boxes"] > 0 for split in made["splits"].values()))`;
    rmSync(join(folder, "prepared"), { recursive: true, force: true });
    const text = execFileSync(python, ["-c", program, join(folder, "dataset"), join(folder, "prepared")], {
      encoding: "utf8",
      env: { ...process.env, PYTHONPATH: join(repository, "ml") },
    });
    assert.equal(text.trim(), "['tree'] 3");
  });
});
