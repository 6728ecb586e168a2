import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CreateModelPackageCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { detectorName } from "../../contract/names";
import { archiveName } from "../../contract/places";
import { SageMakerRuntime } from "../../aws/sagemaker-runtime";
import { ObjectStore } from "../../aws/s3";
import type { GoldenImage } from "../../automation/release/golden/images";
import { decideAbout } from "../../automation/release/approve";
import { promote } from "../../automation/release/promote";
import { rollback } from "../../automation/release/rollback";
import type { ReleaseReporter, RolloutResult } from "../../automation/release/rollout/rollout";
import type { Environment } from "../../automation/stack/environment";
import type { StackOutputs } from "../../contract/outputs";
import type { ServerFile } from "../../local/main";
import { archiveArguments, type BaseArchive, evaluationOf, packageRequest, printedMap50 } from "../base-package";
import { runPython, seedDataset } from "../dataset";
import { openEnvironment } from "../project";
import { elapsed } from "../terminal";

const tilesWanted = 24;
const goldenImages = 3;
const releaseSettings = { minMap50: 0.05, goldenImages };

/**
 * Releases that the bench knows: packages of the base weights, each with a least confidence of its own so that their
 * archives differ.
 */
const archives = { a: 0.25, b: 0.26, c: 0.27 } as const;
export type Archive = keyof typeof archives;

/** What releases need before they can be measured: dev with packages, prod, a dataset and tiles to send. */
export class Stage {
  private registered = 0;
  private readonly started = performance.now();

  private constructor(
    readonly dev: Environment,
    readonly prod: Environment,
    readonly server: ServerFile,
    private readonly archives: Readonly<Record<Archive, BaseArchive>>,
    /** Small images in which there is something to find. */
    readonly tiles: readonly GoldenImage[],
    /** What both environments export; asking the engine again takes it seconds. */
    readonly outputs: Readonly<Record<"dev" | "prod", StackOutputs>>,
  ) {}

  static async make(server: ServerFile): Promise<Stage> {
    const [dev, prod] = await Promise.all([openEnvironment("dev"), openEnvironment("prod")]);
    const folder = join(server.stateDir, "stage");
    mkdirSync(folder, { recursive: true });
    const [made, tiles] = await Promise.all([makeArchives(folder), makeTiles(dev, folder), dev.up(), prod.up()]);
    return new Stage(dev, prod, server, made, tiles, { dev: await dev.outputs(), prod: await prod.outputs() });
  }

  get endpoint(): string {
    return detectorName("prod");
  }

  /**
   * Registers a package, approved and evaluated.
   * @param champion what it was compared with; none when production serves nothing.
   * @returns its ARN.
   */
  async register(name: Archive, champion?: Archive): Promise<string> {
    this.registered += 1;
    const archive = this.archives[name];
    const { bucket, prefix, input } = packageRequest(this.server, `bench-${this.registered}`, archive);
    const store = new ObjectStore(this.dev.session);
    await store.put({ bucket, key: `${prefix}/${archiveName}` }, archive.body, "application/gzip");
    await store.put(
      { bucket, key: `${prefix}/evaluation.json` },
      Buffer.from(JSON.stringify(evaluationOf(archive, champion && this.archives[champion].body))),
      "application/json",
    );
    const arn = (await new SageMakerClient(this.dev.session).send(new CreateModelPackageCommand(input)))
      .ModelPackageArn!;
    await decideAbout(
      { ...this.dev.session, profile: "approver" },
      this.outputs.dev,
      arn,
      { verdict: "Approved", why: "bench" },
      () => undefined,
    );
    return arn;
  }

  async promote(arn: string): Promise<RolloutResult> {
    const [done] = await promote(this.dev, [this.prod], arn, releaseSettings, this.reporter);
    return done!;
  }

  rollback(): Promise<RolloutResult> {
    return rollback(this.prod, this.dev, undefined, goldenImages, this.reporter);
  }

  /** Keeps the tiles in which the live release finds something: an answer without detections is a wrong one then. */
  async tilesWithDetections(): Promise<GoldenImage[]> {
    const runtime = new SageMakerRuntime(this.prod.session);
    const found: GoldenImage[] = [];
    for (const tile of this.tiles) {
      const answer = JSON.parse(
        (await runtime.invoke(this.endpoint, tile.body, tile.contentType)).body.toString("utf8"),
      ) as { detections: { confidence: number }[] };
      // Clear of every release's least confidence.
      if (answer.detections.some(({ confidence }) => confidence > 0.4)) found.push(tile);
    }
    if (found.length < 4)
      throw new Error(`the live release finds something in ${found.length} of ${this.tiles.length} tiles only`);
    return found;
  }

  private readonly reporter: ReleaseReporter = {
    stage: (environment, what) =>
      console.error(`  [${elapsed(performance.now() - this.started)}] ${environment}: ${what}`),
  };
}

async function makeArchives(folder: string): Promise<Record<Archive, BaseArchive>> {
  const file = (name: string) => join(folder, `${name}.tar.gz`);
  const map50 = printedMap50(
    await runPython(
      archiveArguments(Object.entries(archives).map(([name, confidence]) => `${file(name)}=${confidence}`)),
    ),
  );
  return Object.fromEntries(
    Object.keys(archives).map((name) => [name, { body: readFileSync(file(name)), map50 }]),
  ) as Record<Archive, BaseArchive>;
}

async function makeTiles(dev: Environment, folder: string): Promise<GoldenImage[]> {
  await seedDataset(dev, join(folder, "dataset"));
  const out = join(folder, "tiles");
  await runPython([join(__dirname, "tiles.py"), join(folder, "dataset"), out, String(tilesWanted)]);
  return readdirSync(out)
    .sort()
    .map((name) => ({ key: name, contentType: "image/jpeg", body: readFileSync(join(out, name)) }));
}
