import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { claim } from "../../local/claim.cjs";
import { ProjectCopy } from "./project-copy";
import { archiveFile, Registry } from "./registry";

/**
 * Model packages of the base weights, all approved: the first is live in staging, the second answers a little less,
 * `blind` finds nothing.
 */
export interface Packages {
  readonly first: string;
  readonly second: string;
  readonly blind: string;
}

export interface BroughtUp {
  readonly project: ProjectCopy;
  readonly registry: Registry;
  readonly packages: Packages;
  /** Files of the dataset's labelled images, two. */
  readonly images: readonly string[];
}

const wanted = { first: undefined, second: 0.3, blind: 0.999 } as const;

/** What is kept of a world that others begin with. */
interface Kept {
  readonly folder: string;
  readonly images: readonly string[];
  readonly packages: Packages;
  /** mAP50 of the base weights. */
  readonly map50: number;
}

/** Of the local cloud beside what all have. */
export interface CloudOptions {
  /** Services closed to new customers that the account used before. */
  readonly existingCustomerOf?: readonly string[];
}

const optionsOf = ({ existingCustomerOf = [] }: CloudOptions): readonly string[] => [
  ...["--speed", "60", "--lags", "on"],
  ...(existingCustomerOf.length > 0 ? ["--existing-customer-of", ...existingCustomerOf] : []),
];
const pollMs = 500;

/**
 * `dev` and `staging` up on a local cloud, with a dataset, three packages, and a first release. It is made once in a run
 * of `npm test`, which names a folder for it by PEREGRINE_TEST_SHARED: each spec gets a copy of the project, of its
 * stacks and of the cloud's state. A spec that runs alone makes its own.
 */
export async function broughtUp(options: CloudOptions = {}): Promise<BroughtUp> {
  const shared = process.env["PEREGRINE_TEST_SHARED"];
  if (!shared) return make(mkdtempSync(join(tmpdir(), "peregrine-copy-")), optionsOf(options));
  const { folder, images, packages, map50 } = await keptIn(shared);
  const project = await ProjectCopy.of(folder);
  try {
    const registry = new Registry(project, await project.startCloud(...optionsOf(options)));
    registry.map50 = map50;
    return { project, registry, packages, images: images.map((file) => file.replace(folder, project.folder)) };
  } catch (error) {
    await project.remove();
    throw error;
  }
}

/** The one of this run, made by the process that asks first; the others wait for it. */
async function keptIn(shared: string): Promise<Kept> {
  const file = join(shared, "brought-up.json");
  for (;;) {
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Kept;
    const claimed = claim(join(shared, "brought-up"));
    if (claimed.holder === undefined)
      try {
        if (existsSync(file)) continue;
        const { project, registry, packages, images } = await make(
          mkdtempSync(join(shared, "peregrine-copy-")),
          optionsOf({}),
        );
        await project.rest();
        const kept: Kept = { folder: project.folder, images, packages, map50: registry.map50 };
        writeFileSync(file, JSON.stringify(kept));
        return kept;
      } finally {
        claimed.release();
      }
    await setTimeout(pollMs);
  }
}

async function make(folder: string, options: readonly string[]): Promise<BroughtUp> {
  const project = await ProjectCopy.make({ folder });
  try {
    const registry = new Registry(project, await project.startCloud(...options));
    const [images] = await Promise.all([
      registry.seedDataset(2),
      registry.archives(wanted),
      project.bringUp("dev", "staging"),
    ]);
    const archive = (name: string) => readFileSync(archiveFile(project, name));
    const packages = {
      first: await registry.register("first", archive("first")),
      second: await registry.register("second", archive("second")),
      blind: await registry.register("blind", archive("blind")),
    };
    const released = await project.peregrine("promote", packages.first, "--to", "staging", "--golden-images", "2");
    assert.equal(released.code, 0, released.output);
    return { project, registry, packages, images };
  } catch (error) {
    await project.remove();
    throw error;
  }
}
