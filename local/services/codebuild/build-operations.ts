import type { Call } from "../../call";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { page } from "../pages";
import { deepLink, seconds } from "./events";
import { PAGE } from "./projects";
import type { BuildQueue } from "./queue";
import { buildId, invalidInput, type BuildRecord, type BuildStore } from "./records";
import { submit } from "./starting";

/** How long an idempotency token holds (StartBuild API). */
const TOKEN_MS = 5 * 60_000;

/** Starting, stopping, describing and deleting builds. */
export function buildOperations(store: BuildStore, queue: BuildQueue): Record<string, Handler> {
  const { cloud } = store;
  const describe = (build: BuildRecord): Members => ({ build: shown(store, build) });

  const start = (input: Members, call: Call): Members => {
    const project = store.project(input.projectName);
    const known = sameToken(store, input, call.now.getTime());
    if (known) return describe(known);
    queue.checkRoom(project);
    const build = submit(store, project, input, call);
    queue.submit(build);
    return describe(store.build(build.id));
  };

  const ids = (builds: readonly BuildRecord[], input: Members): Members => {
    const ordered = input.sortOrder === "ASCENDING" ? [...builds].reverse() : builds;
    const { items, next } = page(
      ordered.map(({ id }) => id),
      input.nextToken,
      PAGE,
    );
    return { ids: items, nextToken: next };
  };

  return {
    StartBuild: start,

    RetryBuild(input, call) {
      if (input.id === undefined) throw invalidInput("Build ID is required");
      const { idempotencyToken: _former, ...request } = store.build(input.id).request;
      return start(
        { ...request, ...(input.idempotencyToken ? { idempotencyToken: input.idempotencyToken } : {}) },
        call,
      );
    },

    StopBuild(input) {
      const { id } = store.build(input.id);
      queue.stop(id);
      return describe(store.build(id));
    },

    BatchGetBuilds(input) {
      const asked = input.ids as string[];
      const found = asked.map((id) => store.builds.get(buildId(id)));
      return {
        builds: found.flatMap((build) => (build ? [shown(store, build)] : [])),
        buildsNotFound: asked.filter((_, index) => !found[index]),
      };
    },

    ListBuilds: (input) => ids(store.latest(), input),

    ListBuildsForProject: (input) => ids(store.latest(store.project(input.projectName).name), input),

    BatchDeleteBuilds(input) {
      const buildsDeleted: string[] = [];
      const buildsNotDeleted: Members[] = [];
      for (const asked of input.ids as string[]) {
        const id = buildId(asked);
        if (!store.builds.has(id)) buildsNotDeleted.push({ id: asked, statusCode: "BUILD_NOT_FOUND" });
        else if (queue.holds(id)) buildsNotDeleted.push({ id: asked, statusCode: "BUILD_IN_PROGRESS" });
        else if (store.builds.delete(id)) buildsDeleted.push(cloud.arn("codebuild", `build/${id}`));
      }
      return { ...(buildsDeleted.length > 0 ? { buildsDeleted } : {}), buildsNotDeleted };
    },
  };
}

/**
 * The build that the same request started a moment ago.
 * @throws InvalidInputException when the request was another one.
 */
function sameToken(store: BuildStore, input: Members, nowMs: number): BuildRecord | undefined {
  if (!input.idempotencyToken) return undefined;
  const known = [...store.builds.values()].find(
    ({ request, startMs }) => request.idempotencyToken === input.idempotencyToken && nowMs - startMs < TOKEN_MS,
  );
  const order = (request: Members): string =>
    JSON.stringify(Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (known && order(known.request) !== order(input))
    throw invalidInput("The idempotency token was used by a request with other parameters.");
  return known;
}

/** A build as CodeBuild describes it. */
function shown(store: BuildStore, build: BuildRecord): Members {
  const { logs } = build;
  const { region } = store.cloud;
  return {
    id: build.id,
    arn: build.arn,
    buildNumber: build.number,
    startTime: new Date(build.startMs),
    endTime: build.endMs === undefined ? undefined : new Date(build.endMs),
    currentPhase: build.phases.at(-1)?.type ?? "SUBMITTED",
    buildStatus: build.status,
    sourceVersion: build.sourceVersion,
    resolvedSourceVersion: build.resolvedSourceVersion,
    projectName: build.project,
    phases: build.phases.map((phase) => ({
      phaseType: phase.type,
      startTime: new Date(phase.startMs),
      ...(phase.endMs === undefined
        ? {}
        : { phaseStatus: phase.status, endTime: new Date(phase.endMs), durationInSeconds: seconds(phase) }),
      ...(phase.context ? { contexts: [phase.context] } : {}),
    })),
    source: build.source,
    artifacts: { location: "" },
    environment: build.environment,
    serviceRole: build.serviceRole,
    logs: logs
      ? {
          groupName: logs.group,
          streamName: logs.stream,
          deepLink: deepLink(region, logs),
          cloudWatchLogsArn: store.cloud.arn("logs", `log-group:${logs.group}:log-stream:${logs.stream}`),
          cloudWatchLogs: { status: "ENABLED", groupName: logs.group },
        }
      : { cloudWatchLogs: { status: "DISABLED" } },
    timeoutInMinutes: build.timeoutMinutes,
    queuedTimeoutInMinutes: build.queuedTimeoutMinutes,
    buildComplete: build.endMs !== undefined,
    initiator: build.initiator,
    exportedEnvironmentVariables: build.exported,
    ...build.recorded,
  };
}
