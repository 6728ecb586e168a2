import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { page } from "../pages";
import type { LocalCaches } from "./cache";
import { checkProject } from "./checks";
import { invalidInput, nameOf, type BuildStore, type ProjectRecord } from "./records";

/** ListProjects, ListBuilds: 100 names a page (CodeBuild API). */
export const PAGE = 100;

/** Creating, changing, describing and deleting projects. */
export function projectOperations(store: BuildStore, caches: LocalCaches): Record<string, Handler> {
  const { cloud } = store;
  return {
    CreateProject(input, call) {
      const { name, tags, ...given } = input;
      const arn = store.projectArn(name);
      if (store.projects.has(name))
        throw new AwsError("ResourceAlreadyExistsException", `Project already exists: ${arn}`);
      const settings = withDefaults(given, `arn:aws:kms:${cloud.region}:${cloud.accountId}:alias/aws/s3`);
      checkProject(cloud, arn, settings);
      const now = call.now.getTime();
      const project: ProjectRecord = {
        name,
        arn,
        settings,
        tags: tagMap(tags),
        createdMs: now,
        modifiedMs: now,
        builds: 0,
      };
      store.projects.put(name, project);
      return { project: shown(project) };
    },

    UpdateProject(input, call) {
      const { name, tags, ...given } = input;
      const before = store.project(name);
      const { concurrentBuildLimit: limit, ...rest } = given as Members;
      // -1 takes the limit away, an empty VpcConfig the VPC (CodeBuild API, UpdateProject).
      const settings = withDefaults(
        {
          ...before.settings,
          ...rest,
          ...(limit === undefined ? {} : { concurrentBuildLimit: limit === -1 ? undefined : limit }),
        },
        before.settings.encryptionKey,
      );
      if (rest.vpcConfig && !rest.vpcConfig.vpcId) delete settings.vpcConfig;
      checkProject(cloud, before.arn, settings);
      const project: ProjectRecord = {
        ...before,
        settings,
        tags: tags === undefined ? before.tags : tagMap(tags),
        modifiedMs: call.now.getTime(),
      };
      store.projects.put(project.name, project);
      return { project: shown(project) };
    },

    UpdateProjectVisibility(input, call) {
      const { projectVisibility, resourceAccessRole } = input;
      const before = store.project(input.projectArn);
      if (projectVisibility === "PUBLIC_READ" && !resourceAccessRole)
        throw invalidInput("resourceAccessRole is required for projects with visibility PUBLIC_READ");
      store.projects.put(before.name, {
        ...before,
        settings: { ...before.settings, projectVisibility, resourceAccessRole },
        modifiedMs: call.now.getTime(),
      });
      return { projectArn: before.arn, projectVisibility };
    },

    BatchGetProjects(input) {
      const names = input.names as string[];
      const found = names.map((name) => store.projects.get(nameOf(name)));
      return {
        projects: found.flatMap((project) => (project ? [shown(project)] : [])),
        projectsNotFound: names.filter((_, index) => !found[index]),
      };
    },

    // A project that is not there counts as deleted; its builds stay (CodeBuild API, DeleteProject).
    DeleteProject(input) {
      caches.drop(nameOf(input.name));
      store.projects.delete(nameOf(input.name));
    },

    InvalidateProjectCache: (input) => caches.drop(store.project(input.projectName).name),

    ListProjects(input) {
      const by = {
        NAME: (a: ProjectRecord, b: ProjectRecord) => (a.name < b.name ? -1 : 1),
        CREATED_TIME: (a: ProjectRecord, b: ProjectRecord) => a.createdMs - b.createdMs,
        LAST_MODIFIED_TIME: (a: ProjectRecord, b: ProjectRecord) => a.modifiedMs - b.modifiedMs,
      };
      const sorted = [...store.projects.values()].sort(by[(input.sortBy ?? "NAME") as keyof typeof by]);
      if (input.sortOrder === "DESCENDING") sorted.reverse();
      const { items, next } = page(
        sorted.map(({ name }) => name),
        input.nextToken,
        PAGE,
      );
      return { projects: items, nextToken: next };
    },
  };
}

/** A project as CodeBuild describes it. */
function shown(project: ProjectRecord): Members {
  return {
    name: project.name,
    arn: project.arn,
    ...project.settings,
    badge: { badgeEnabled: project.settings.badgeEnabled },
    badgeEnabled: undefined,
    tags: Object.entries(project.tags).map(([key, value]) => ({ key, value })),
    created: new Date(project.createdMs),
    lastModified: new Date(project.modifiedMs),
  };
}

/** Defaults of CodeBuild's API: 60 minutes for a build, 8 hours in the queue, the account's S3 key, no cache. */
function withDefaults(given: Members, encryptionKey: string): Members {
  return {
    ...given,
    timeoutInMinutes: given.timeoutInMinutes ?? 60,
    queuedTimeoutInMinutes: given.queuedTimeoutInMinutes ?? 480,
    encryptionKey: given.encryptionKey ?? encryptionKey,
    cache: given.cache ?? { type: "NO_CACHE" },
    badgeEnabled: given.badgeEnabled ?? false,
    projectVisibility: given.projectVisibility ?? "PRIVATE",
    environment: {
      imagePullCredentialsType: "CODEBUILD",
      privilegedMode: false,
      ...given.environment,
      environmentVariables: ((given.environment?.environmentVariables ?? []) as Members[]).map((variable) => ({
        type: "PLAINTEXT",
        ...variable,
      })),
    },
  };
}

function tagMap(tags: readonly Members[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ key, value }) => [String(key), String(value ?? "")]));
}
