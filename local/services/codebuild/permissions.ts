import type { Call, Requirement } from "../../call";
import type { Members } from "../../members";
import { each, need, passRole, type Permissions } from "../../iam/permissions/requirements";
import { CODEBUILD_PRINCIPAL } from "./checks";
import { overrideContext, projectContext } from "./condition-keys";
import { nameOf } from "./records";

const project = (name: unknown): string => `arn:aws:codebuild:::project/${nameOf(String(name))}`;

/** A build is authorised on its project (CodeBuild User Guide, permissions reference). */
const ofBuild = (id: unknown): string =>
  project(
    String(id)
      .replace(/^arn:[^/]*:build\//, "")
      .split(":")[0],
  );

const onEach = (resources: readonly string[], { operation }: Call): Requirement[] =>
  [...new Set(resources)].map((resource) => need(`codebuild:${operation}`, resource));

const ofBuilds = (input: Members, call: Call): Requirement[] => onEach((input.ids as string[]).map(ofBuild), call);

/** What CodeBuild's operations require. Lists of everything are on "*", as the authoriser has it without an entry. */
export const codebuildPermissions: Permissions = {
  ...each("CreateProject UpdateProject", (operation) => (input) => [
    need(`codebuild:${operation}`, project(input.name), projectContext(input)),
    ...passRole(input.serviceRole, CODEBUILD_PRINCIPAL),
    ...passRole(input.buildBatchConfig?.serviceRole, CODEBUILD_PRINCIPAL),
  ]),
  UpdateProjectVisibility: (input) => [
    need("codebuild:UpdateProjectVisibility", project(input.projectArn)),
    ...passRole(input.resourceAccessRole, CODEBUILD_PRINCIPAL),
  ],
  InvalidateProjectCache: (input) => [need("codebuild:InvalidateProjectCache", project(input.projectName))],
  DeleteProject: (input) => [need("codebuild:DeleteProject", project(input.name))],
  BatchGetProjects: (input, call) => onEach((input.names as string[]).map(project), call),
  StartBuild: (input) => [
    need("codebuild:StartBuild", project(input.projectName), overrideContext(input)),
    ...passRole(input.serviceRoleOverride, CODEBUILD_PRINCIPAL),
  ],
  ListBuildsForProject: (input) => [need("codebuild:ListBuildsForProject", project(input.projectName))],
  // Neither has condition keys: a retry takes the overrides of the build with it, whatever a policy says of
  // StartBuild's.
  ...each("StopBuild RetryBuild", (operation) => (input) => [need(`codebuild:${operation}`, ofBuild(input.id))]),
  ...each("BatchGetBuilds BatchDeleteBuilds", () => ofBuilds),
};
