import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { GetProgramDependenciesRequest, GetRequiredPackagesRequest } from "@pulumi/pulumi/proto/language_pb";
import {
  DependencyInfo,
  GetProgramDependenciesResponse,
  GetRequiredPackagesResponse,
} from "@pulumi/pulumi/proto/language_pb";
import { PackageDependency } from "@pulumi/pulumi/proto/plugin_pb";

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  /** What Pulumi's SDK packages say of themselves. */
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
  };
}

/**
 * Providers that the program's SDK packages need. Providers the engine is told to attach to are left out: nothing must
 * be downloaded for them.
 */
export function requiredPackages(request: GetRequiredPackagesRequest): GetRequiredPackagesResponse {
  const attached = (process.env.PULUMI_DEBUG_PROVIDERS ?? "").split(",").map((entry) => entry.split(":")[0]);
  const response = new GetRequiredPackagesResponse();
  for (const manifest of dependencies(request.getInfo()?.getProgramDirectory() ?? process.cwd(), false)) {
    const { pulumi } = manifest;
    if (!pulumi?.resource) continue;
    const name = pulumi.name ?? manifest.name?.replace(/^@pulumi\//, "") ?? "";
    if (attached.includes(name)) continue;
    const dependency = new PackageDependency();
    dependency.setName(name);
    dependency.setKind("resource");
    dependency.setVersion(`v${(pulumi.version ?? manifest.version ?? "").replace(/^v/, "")}`);
    if (pulumi.server) dependency.setServer(pulumi.server);
    response.addPackages(dependency);
  }
  return response;
}

/** The program's direct dependencies, for `pulumi about`. */
export function installedDependencies(request: GetProgramDependenciesRequest): GetProgramDependenciesResponse {
  const response = new GetProgramDependenciesResponse();
  for (const manifest of dependencies(request.getInfo()?.getProgramDirectory() ?? process.cwd(), true)) {
    const dependency = new DependencyInfo();
    dependency.setName(manifest.name ?? "");
    dependency.setVersion(manifest.version ?? "");
    response.addDependencies(dependency);
  }
  return response;
}

/** Manifests of what the nearest package.json above `directory` depends on, as far as it is installed. */
function dependencies(directory: string, development: boolean): Manifest[] {
  const own = nearestManifest(directory);
  if (!own) return [];
  const names = Object.keys({ ...own.manifest.dependencies, ...(development ? own.manifest.devDependencies : {}) });
  const searchPaths = createRequire(join(own.directory, "index.js")).resolve.paths("x") ?? [];
  return names.flatMap((name) => {
    for (const path of searchPaths) {
      const manifest = readManifest(join(path, name, "package.json"));
      if (manifest) return [manifest];
    }
    return [];
  });
}

function nearestManifest(directory: string): { directory: string; manifest: Manifest } | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const manifest = readManifest(join(at, "package.json"));
    if (manifest) return { directory: at, manifest };
    if (dirname(at) === at) return undefined;
  }
}

function readManifest(file: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}
