import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { BuildRecord } from "./records";

/** Project names begin with a letter or a digit. */
const droppedPrefix = ".dropped-";

/**
 * Local custom caches: directories that builds of a project find as the build before left them (CodeBuild User Guide,
 * "Local caching"). As on AWS a cache is no promise: builds of a project that run side by side do not share it.
 */
export class LocalCaches {
  /** Project -> the build that has its cache now. */
  private readonly users = new Map<string, string>();

  /** What is being deleted. */
  private readonly leaving = new Set<Promise<void>>();

  constructor(private readonly folder: string) {}

  /**
   * Links a build's cached directories into its source.
   * @param paths of the buildspec's `cache` section.
   * @returns what was done or not, in words for the log.
   */
  link(build: BuildRecord, paths: readonly string[], source: string): string[] {
    if (paths.length === 0) return [];
    const { type, modes } = (build.recorded.cache ?? {}) as { type?: string; modes?: readonly string[] };
    if (type !== "LOCAL" || !modes?.includes("LOCAL_CUSTOM_CACHE"))
      return [
        "Not done by the local cloud: nothing is cached between builds, except by the project's cache of type LOCAL with LOCAL_CUSTOM_CACHE",
      ];
    if (this.users.has(build.project)) return ["The project's cache is in use by another build"];
    this.users.set(build.project, build.id);
    return paths.map((path) => this.linkOne(build.project, path, source));
  }

  /** The build has ended. */
  release(build: BuildRecord): void {
    if (this.users.get(build.project) === build.id) this.users.delete(build.project);
  }

  /** Forgets what a project cached: at once, while its thousands of files are deleted beside other work. */
  drop(project: string): void {
    const kept = join(this.folder, project);
    if (!existsSync(kept)) return;
    const away = mkdtempSync(join(this.folder, droppedPrefix));
    renameSync(kept, join(away, project));
    // What cannot be deleted now goes at the next start.
    const leaving: Promise<void> = rm(away, { recursive: true, force: true, maxRetries: 5 })
      .catch(() => undefined)
      .finally(() => this.leaving.delete(leaving));
    this.leaving.add(leaving);
  }

  /** Deletes what a cloud that ended meanwhile had dropped. */
  sweep(): void {
    for (const name of existsSync(this.folder) ? readdirSync(this.folder) : [])
      if (name.startsWith(droppedPrefix)) rmSync(join(this.folder, name), { recursive: true, force: true });
  }

  /** Resolves when everything that was dropped is deleted. */
  async gone(): Promise<void> {
    await Promise.all(this.leaving);
  }

  private linkOne(project: string, path: string, source: string): string {
    // Directories only: `name/**/*` and `name` mean the same.
    const directory = path.replace(/(\/\*+)+$/, "");
    const target = resolve(source, directory);
    const inside = relative(source, target);
    if (inside === "" || inside.startsWith("..") || /[*?]/.test(directory))
      return `Not cached: ${path} is no directory of the source`;
    if (existsSync(target)) return `Not cached: the source brings its own ${directory}`;
    const kept = join(this.folder, project, encodeURIComponent(inside));
    mkdirSync(kept, { recursive: true });
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(kept, target);
    return `Symlinking: ${directory} to the project's cache`;
  }
}
