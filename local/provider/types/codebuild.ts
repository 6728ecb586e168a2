import type { Members } from "../../cloud";
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

function takenAway({ inputs, state }: Context): Members {
  return Object.fromEntries(Object.entries(TAKEN_AWAY).flatMap(([input, change]) => (inputs[input] === undefined && state[input] !== undefined ? [change] : [])));
}

const visibility = ["projectVisibility", "resourceAccessRole"] as const;
const updatable = [
  "description", "artifacts", "autoRetryLimit", "badgeEnabled", "buildBatchConfig", "buildTimeout", "cache", "concurrentBuildLimit", "encryptionKey", "environment", "fileSystemLocations", "logsConfig",
  "queuedTimeout", "secondaryArtifacts", "secondarySourceVersions", "secondarySources", "serviceRole", "source", "sourceVersion", "vpcConfig", "tags",
] as const;

/** Name limit: CodeBuild API reference (150). Tags are a project's own setting: CodeBuild has no operations for them. */
export const codebuild: readonly ResourceType[] = [
  {
    token: "aws:codebuild/project:Project",
    service: "codebuild",
    title: "CodeBuild Project",
    name: { property: "name", limit: 150 },
    rename: { buildTimeout: "timeoutInMinutes", queuedTimeout: "queuedTimeoutInMinutes" },
    replace: ["name"],
    defaults: { badgeEnabled: false, buildTimeout: 60, queuedTimeout: 480, projectVisibility: "PRIVATE" },
    create: [
      { operation: "CreateProject" },
      { operation: "UpdateProjectVisibility", only: visibility, if: ({ inputs }) => inputs.projectVisibility !== "PRIVATE", request: ({ id }) => ({ projectArn: id }) },
    ],
    update: [
      { operation: "UpdateProject", when: updatable, request: takenAway },
      { operation: "UpdateProjectVisibility", only: visibility, when: visibility, request: ({ id }) => ({ projectArn: id }) },
    ],
    read: { operation: "BatchGetProjects", only: [], request: ({ id }) => ({ names: [id] }), result: (answer) => answer.projects?.[0] },
    delete: [{ operation: "DeleteProject", only: ["name"] }],
    id: (answer) => String(answer.project.arn),
    fromId: (id) => ({ name: id.slice(id.lastIndexOf("/") + 1) }),
    outputs: (answer, { inputs, session }) => ({
      arn: session.arn("codebuild", `project/${String(inputs.name)}`),
      badgeUrl: "",
      publicProjectAlias: "",
      encryptionKey: inputs.encryptionKey ?? (answer.project ?? answer).encryptionKey,
    }),
  },
];
