import type { GoldenImage } from "../../automation/release/golden/images";
import type { Environment } from "../../automation/stack/environment";
import type { EnvironmentName } from "../../contract/environments";
import { listen, type Listening, type TeamQueue } from "./team-queues";
import type { Sample } from "./summary";

/** Told what a step does right now. */
export type OnProgress = (text: string) => void;

/** How long a step waits for what comes within seconds, in real time: a busy laptop takes longer. */
export const patience = { timeoutMs: 15 * 60_000, backoff: { firstMs: 500, maxMs: 1_000 } } as const;

/** A model that was trained. */
export interface TrainedModel {
  /** ARN of its model package. */
  readonly package: string;
  readonly map50: number;
}

/** What the steps hand on to one another. */
export class Rehearsal {
  /** All models that were trained, oldest first. */
  readonly models: TrainedModel[] = [];
  /** Requests of traffic, so far. */
  requests = { sent: 0, failed: 0 };
  samples: Sample[] = [];
  leftovers = 0;
  private opened: Readonly<Record<EnvironmentName, Environment>> | undefined;
  private heldOut: readonly GoldenImage[] | undefined;
  private inFog: readonly GoldenImage[] | undefined;
  private atNight: readonly GoldenImage[] | undefined;
  private ears: Listening | undefined;
  private unsure: string | undefined;
  private lower: string | undefined;

  constructor(
    /** Of the local cloud. */
    readonly stateDir: string,
    readonly reportDir: string,
  ) {}

  /** @throws Error before the step that brings them up. */
  get environments(): Readonly<Record<EnvironmentName, Environment>> {
    return known(this.opened, "environment is up");
  }

  set environments(opened: Readonly<Record<EnvironmentName, Environment>>) {
    this.opened = opened;
  }

  /** The model that was trained last. @throws Error before the first one. */
  get newest(): TrainedModel {
    return known(this.models.at(-1), "model is trained");
  }

  /** Held-out tiles of the newest training run, which traffic sends. @throws Error before the first run. */
  get tiles(): readonly GoldenImage[] {
    return known(this.heldOut, "tiles are made");
  }

  set tiles(tiles: readonly GoldenImage[]) {
    this.heldOut = tiles;
  }

  /** What listens to production's alerts. @throws Error before `listen`. */
  get listening(): Listening {
    return known(this.ears, "queue listens");
  }

  /** Teams listen from now on. */
  async listen(): Promise<void> {
    this.ears ??= await listen(this.environments.prod);
  }

  async stopListening(): Promise<void> {
    await Promise.all(Object.values(this.ears ?? {}).map((queue: TeamQueue) => queue.remove()));
    this.ears = undefined;
  }

  /** ARN of the package that answers what it hardly believes. @throws Error before it is registered. */
  get doubtful(): string {
    return known(this.unsure, "doubtful model is registered");
  }

  set doubtful(packageArn: string) {
    this.unsure = packageArn;
  }

  /** ARN of the package of the newest model with a lower threshold. @throws Error before it is registered. */
  get attentive(): string {
    return known(this.lower, "attentive model is registered");
  }

  set attentive(packageArn: string) {
    this.lower = packageArn;
  }

  /** The same tiles in fog. @throws Error before the first run. */
  get foggyTiles(): readonly GoldenImage[] {
    return known(this.inFog, "tiles are made");
  }

  set foggyTiles(tiles: readonly GoldenImage[]) {
    this.inFog = tiles;
  }

  /** The same tiles at night. @throws Error before the first run. */
  get nightTiles(): readonly GoldenImage[] {
    return known(this.atNight, "tiles are made");
  }

  set nightTiles(tiles: readonly GoldenImage[]) {
    this.atNight = tiles;
  }
}

function known<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`no ${what} yet: a step before is missing`);
  return value;
}
