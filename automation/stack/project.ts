import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Versions } from "../../lifecycle/health/versions";
import { type Source, sourceOf } from "./source";

const packageShape = z.object({
  engines: z.object({ node: z.string() }),
  dependencies: z.object({ "@pulumi/pulumi": z.string() }),
});
const policyPackShape = z.object({ version: z.string() });

/** What the checkout of the project says of itself. */
export class Project {
  constructor(
    /** Folder of `Pulumi.yaml`. */
    readonly directory: string,
  ) {}

  /** Folder of the policy pack. */
  get policyPack(): string {
    return join(this.directory, "policies");
  }

  /** Where the program comes from. */
  source(): Promise<Source> {
    return sourceOf(this.directory);
  }

  /** Versions that the project asks for: Node as a least version, the Pulumi CLI as that of its SDK. */
  wantedVersions(): Versions["wanted"] {
    const { engines, dependencies } = packageShape.parse(readJson(join(this.directory, "package.json")));
    return { node: engines.node, pulumi: dependencies["@pulumi/pulumi"] };
  }

  /** Version of the policy pack that is attached to previews and updates. */
  policyPackVersion(): string {
    return policyPackShape.parse(readJson(join(this.policyPack, "package.json"))).version;
  }
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}
