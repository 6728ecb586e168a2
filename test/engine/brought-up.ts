import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { claim } from "../../local/claim.cjs";
import { ProjectCopy } from "./project-copy";
import { Registry } from "./registry";

/** Model packages of the base weights, all approved: the first is live in staging, the second answers a little less, `blind` finds nothing. */
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

/** What is kept of an environment that others begin with. */
interface Kept {
  readonly folder: string;
  readonly packages: Packages;
  readonly images: readonly string[];
}

const options = ["--speed", "60", "--lags", "on"] as const;
const pollMs = 500;

/**
 * `dev` and `staging` up on a local cloud, with a dataset, three packages, and a first release. It is made once in a run of `npm test`, which names
 * a folder for it by PEREGRINE_TEST_SHARED: whoever comes later gets a copy of the project, of its stacks and of the cloud's state. A spec that runs
 * alone makes its own.
 */
export async function broughtUp(): Promise<BroughtUp> {
  const shared = process.env["PEREGRINE_TEST_SHARED"];
  if (!shared) return make(mkdtempSync(join(tmpdir(), "peregrine-copy-")));
  const kept = await keptIn(shared);
  const project = await ProjectCopy.of(kept.folder);
  const registry = new Registry(project, await project.startCloud(...options));
  const images = kept.images.map((file) => file.replace(kept.folder, project.folder));
  return { project, registry, packages: kept.packages, images };
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
        const { project, packages, images } = await make(mkdtempSync(join(shared, "peregrine-copy-")));
        await project.rest();
        const kept: Kept = { folder: project.folder, packages, images };
        writeFileSync(file, JSON.stringify(kept));
        return kept;
      } finally {
        claimed.release();
      }
    await setTimeout(pollMs);
  }
}

async function make(folder: string): Promise<BroughtUp> {
  const project = await ProjectCopy.make({ folder });
  try {
    const registry = new Registry(project, await project.startCloud(...options));
    const [archives, images] = await Promise.all([
      registry.archives({ first: undefined, second: 0.3, blind: 0.999 }),
      registry.seedDataset(2),
      project.bringUp("dev", "staging"),
    ]);
    const packages = {
      first: await registry.register("first", archives.first),
      second: await registry.register("second", archives.second),
      blind: await registry.register("blind", archives.blind),
    };
    await project.succeed(
      process.execPath,
      "scripts/peregrine.cjs",
      ...["promote", packages.first, "--to", "staging", "--golden-images", "2"],
    );
    return { project, registry, packages, images };
  } catch (error) {
    await project.remove();
    throw error;
  }
}
