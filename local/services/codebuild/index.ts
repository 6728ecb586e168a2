import { rmSync } from "node:fs";
import type { Cloud } from "../../cloud";
import type { InventoryItem, Service } from "../../service";
import { buildOperations } from "./build-operations";
import { createContext, type CodeBuildOptions } from "./context";
import { codebuildPermissions } from "./permissions";
import { projectOperations } from "./projects";
import { BuildQueue } from "./queue";
import { BuildStore, nameOf } from "./records";

export type { CodeBuildOptions } from "./context";

/**
 * AWS CodeBuild: builds that run the commands of their buildspec in a clean folder, as their project's service role.
 */
export function createCodeBuild(cloud: Cloud, options: CodeBuildOptions): Service {
  const store = new BuildStore(cloud);
  const context = createContext(cloud, store, options);
  const queue = new BuildQueue(context);
  const inventory = (): InventoryItem[] => [
    ...[...store.projects.values()].map(({ arn }) => ({ arn, type: "AWS::CodeBuild::Project" })),
    // A finished build costs nothing and AWS keeps it as well, so it is nobody's leftover.
    ...[...store.builds.values()].map(({ arn, endMs }): InventoryItem => ({
      arn,
      type: "AWS::CodeBuild::Build",
      ...(endMs === undefined ? {} : { madeBy: "service" }),
    })),
  ];
  return {
    id: "codebuild",
    operations: { ...projectOperations(store, context.caches), ...buildOperations(store, queue) },
    permissions: codebuildPermissions,
    tagsOf: (arn) =>
      arn.includes(":codebuild:") && arn.includes(":project/") ? store.projects.get(nameOf(arn))?.tags : undefined,
    inventory,
    start: () => queue.resume(),
    stop: async () => {
      await queue.abandon();
      if (cloud.stateDir) return;
      await context.caches.gone();
      rmSync(context.home, { recursive: true, force: true });
    },
  };
}
