import { parse } from "yaml";
import { z } from "zod";
import { ObjectStore } from "../../aws/s3";
import { deliver } from "../../automation/labels/deliver";
import { labelPlace } from "../../automation/labels/place";
import type { GoldenImage } from "../../automation/release/golden/images";
import type { Environment } from "../../automation/stack/environment";
import type { DeliveredLabel } from "../../contract/labels";
import { servingAnswer } from "../../contract/serving-answer";
import { type Exchange, Traffic, type TrafficResult } from "../traffic";
import type { Rehearsal } from "./rehearsal";

/** A true object of a tile: its class, and its box as shares of the tile's width and height. */
interface TrueObject {
  readonly class: string;
  readonly middle: readonly [number, number];
  readonly extent: readonly [number, number];
}

const dataYaml = z.object({ names: z.record(z.string(), z.string()) });

/** Traffic on an environment's endpoint whose answers people label: with what `prepare` wrote beside the tiles. */
export class LabelledTraffic {
  /** Requests a second. */
  static readonly rate = 20;
  private readonly traffic: Traffic;
  /** Answers that nobody has labelled yet. */
  private open: Exchange[] = [];

  private constructor(
    private readonly environment: Environment,
    endpoint: string,
    tiles: readonly GoldenImage[],
    private readonly truths: ReadonlyMap<string, readonly TrueObject[]>,
    variantOf?: (request: number) => string | undefined,
  ) {
    const observe = (exchange: Exchange) => void this.open.push(exchange);
    this.traffic = new Traffic(environment.session, endpoint, tiles, observe, variantOf);
  }

  /** @param variantOf the variant that a request names, by its number. */
  static async start(
    { environments: { dev } }: Rehearsal,
    environment: Environment,
    tiles: readonly GoldenImage[],
    variantOf?: (request: number) => string | undefined,
  ): Promise<LabelledTraffic> {
    const { artifactsBucket } = await dev.outputs();
    const truths = await truthsOf(new ObjectStore(dev.session), artifactsBucket, tiles);
    const { endpointName } = await environment.outputs();
    const started = new LabelledTraffic(environment, endpointName, tiles, truths, variantOf);
    started.goOn();
    return started;
  }

  goOn(): void {
    this.traffic.start(LabelledTraffic.rate);
  }

  /** Stops sending, and waits for the open answers: labels and monitoring take their time on a busy laptop. */
  async rest(): Promise<void> {
    await this.traffic.stop();
  }

  get count(): number {
    return this.traffic.count;
  }

  answeredBy(variant: string): number {
    return this.traffic.answeredBy(variant);
  }

  /** An ML engineer delivers labels of all answers that have none, as drawn by lot. @returns how many. */
  async label(): Promise<number> {
    const { name, session } = this.environment;
    const place = await labelPlace({ ...session, profile: `ml-engineer-${name}` }, name);
    const labels = this.open.splice(0).flatMap((exchange) => this.labelOf(exchange) ?? []);
    await deliver(place, labels);
    return labels.length;
  }

  stop(): Promise<TrafficResult> {
    return this.traffic.stop();
  }

  private labelOf({ image, inferenceId, body }: Exchange): DeliveredLabel | undefined {
    if (!body) return undefined;
    const { w, h } = servingAnswer.parse(JSON.parse(body.toString("utf8"))).image;
    const boxes = this.truths.get(image.key)!.map(({ class: name, middle: [x, y], extent: [width, height] }) => ({
      class: name,
      box: [(x - width / 2) * w, (y - height / 2) * h, (x + width / 2) * w, (y + height / 2) * h] as [
        number,
        number,
        number,
        number,
      ],
    }));
    return { inferenceId, sample: "random", boxes };
  }
}

/** The true objects of tiles by their keys, as `prepare` wrote them: YOLO text beside the images. */
async function truthsOf(
  store: ObjectStore,
  bucket: string,
  tiles: readonly GoldenImage[],
): Promise<Map<string, readonly TrueObject[]>> {
  const read = async (key: string): Promise<string> => {
    const body = await store.get({ bucket, key });
    if (!body) throw new Error(`no s3://${bucket}/${key}: tiles have no labels`);
    return body.toString("utf8");
  };
  const dataset = tiles[0]!.key.replace(/images\/.*$/, "");
  const { names } = dataYaml.parse(parse(await read(`${dataset}data.yaml`)));
  const entries = tiles.map(async ({ key }) => {
    const text = await read(key.replace("/images/", "/labels/").replace(/\.\w+$/, ".txt"));
    const objects = text
      .split("\n")
      .filter(Boolean)
      .map((line): TrueObject => {
        const [index = "", ...numbers] = line.split(" ");
        const [x, y, width, height] = numbers.map(Number) as [number, number, number, number];
        return { class: names[index]!, middle: [x, y], extent: [width, height] };
      });
    return [key, objects] as const;
  });
  return new Map(await Promise.all(entries));
}
