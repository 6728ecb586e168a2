import type { Members } from "../../members";
import type { Context, ResourceType } from "../resource-type";

/** UpdateProject leaves alone what it is not told; these empty values take a setting away, as Terraform sends them. */
const TAKEN_AWAY: Readonly<Record<string, readonly [member: string, value: unknown]>> = {
  description: ["description", ""],
  sourceVersion: ["sourceVersion", ""],
  concurrentBuildLimit: ["concurrentBuildLimit", -1],
  autoRetryLimit: ["autoRetryLimit", 0],
  secondarySources: ["secondarySources", []],
  secondarySourceVersions: ["secondarySourceVersions", []],
  secondaryArtifacts: ["secondaryArtifacts", []],
  fileSystemLocations: ["fileSystemLocations", []],
  vpcConfig: ["vpcConfig", {}],
  logsConfig: ["logsConfig", {}],
  cache: ["cache", { type: "NO_CACHE" }],
  tags: ["tags", []],
};

/** Defaults of Terraform's nested blocks, where CodeBuild wants a value. */
function nested(mapped: Members): Members {
  const { logsConfig: logs, cache } = mapped as { logsConfig?: Members; cache?: Members };
  return {
    ...(logs
      ? {
          logsConfig: {
            ...(logs.cloudWatchLogs ? { cloudWatchLogs: { status: "ENABLED", ...logs.cloudWatchLogs } } : {}),
            ...(logs.s3Logs ? { s3Logs: { status: "DISABLED", ...logs.s3Logs } } : {}),
          },
        }
      : {}),
    ...(cache ? { cache: { type: "NO_CACHE", ...cache } } : {}),
  };
}

function takenAway({ inputs, state }: Context): Members {
  return Object.fromEntries(
    Object.entries(TAKEN_AWAY).flatMap(([input, change]) =>
      inputs[input] === undefined && state[input] !== undefined ? [change] : [],
    ),
  );
}

/** What CodeBuild fills in where a project says nothing is nothing that an import should find. */
function unset(project: Members, { inputs }: Context): Members {
  const { cache, encryptionKey: key, ...rest } = project;
  return {
    ...rest,
    ...(inputs.cache === undefined && cache?.type === "NO_CACHE" ? {} : { cache }),
    ...(inputs.encryptionKey === undefined && String(key).endsWith(":alias/aws/s3") ? {} : { encryptionKey: key }),
    badgeEnabled: project.badge?.badgeEnabled ?? false,
  };
}

const visibility = ["projectVisibility", "resourceAccessRole"] as const;
const updatable = [
  "description",
  "artifacts",
  "autoRetryLimit",
  "badgeEnabled",
  "buildBatchConfig",
  "buildTimeout",
  "cache",
  "concurrentBuildLimit",
  "encryptionKey",
  "environment",
  "fileSystemLocations",
  "logsConfig",
  "queuedTimeout",
  "secondaryArtifacts",
  "secondarySourceVersions",
  "secondarySources",
  "serviceRole",
  "source",
  "sourceVersion",
  "vpcConfig",
  "tags",
] as const;

/**
 * Name limit: CodeBuild API reference (150). Tags are a project's own setting: CodeBuild has no operations for them.
 */
export const codebuild: readonly ResourceType[] = [
  {
    token: "aws:codebuild/project:Project",
    service: "codebuild",
    title: "CodeBuild Project",
    name: { property: "name", limit: 150 },
    rename: {
      buildTimeout: "timeoutInMinutes",
      queuedTimeout: "queuedTimeoutInMinutes",
      "*.cloudwatchLogs": "cloudWatchLogs",
    },
    replace: ["name"],
    defaults: { badgeEnabled: false, buildTimeout: 60, queuedTimeout: 480, projectVisibility: "PRIVATE" },
    create: [
      { operation: "CreateProject", request: (_context, mapped) => nested(mapped) },
      {
        operation: "UpdateProjectVisibility",
        only: visibility,
        if: ({ inputs }) => inputs.projectVisibility !== "PRIVATE",
        request: ({ id }) => ({ projectArn: id }),
      },
    ],
    update: [
      {
        operation: "UpdateProject",
        when: updatable,
        request: (context, mapped) => ({ ...nested(mapped), ...takenAway(context) }),
      },
      {
        operation: "UpdateProjectVisibility",
        only: visibility,
        when: visibility,
        request: ({ id }) => ({ projectArn: id }),
      },
    ],
    read: {
      operation: "BatchGetProjects",
      only: [],
      request: ({ id }) => ({ names: [id] }),
      result: (answer, context) => answer.projects?.[0] && unset(answer.projects[0] as Members, context),
    },
    delete: [{ operation: "DeleteProject", only: ["name"] }],
    id: (answer) => String(answer.project.arn),
    fromId: (id) => ({ name: id.slice(id.lastIndexOf("/") + 1) }),
    outputs: (_answer, { inputs, session }) => ({
      arn: session.arn("codebuild", `project/${String(inputs.name)}`),
      badgeUrl: "",
      publicProjectAlias: "",
      encryptionKey: inputs.encryptionKey ?? session.arn("kms", "alias/aws/s3"),
    }),
  },
];
