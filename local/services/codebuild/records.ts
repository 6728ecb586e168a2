import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import type { Table } from "../../journal";

/** A project: what CreateProject was given, with CodeBuild's defaults filled in. */
export interface ProjectRecord {
  readonly name: string;
  readonly arn: string;
  /** Members of `Project` without name, ARN, times and tags. */
  readonly settings: Members;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly builds: number;
}

export type BuildStatus = "IN_PROGRESS" | "SUCCEEDED" | "FAILED" | "FAULT" | "STOPPED" | "TIMED_OUT";

export const PHASES = [
  "SUBMITTED",
  "QUEUED",
  "PROVISIONING",
  "DOWNLOAD_SOURCE",
  "INSTALL",
  "PRE_BUILD",
  "BUILD",
  "POST_BUILD",
  "UPLOAD_ARTIFACTS",
  "FINALIZING",
  "COMPLETED",
] as const;
export type PhaseType = (typeof PHASES)[number];

export interface PhaseContext {
  readonly statusCode: string;
  readonly message: string;
}

export interface PhaseRecord {
  readonly type: PhaseType;
  readonly startMs: number;
  readonly endMs?: number;
  readonly status?: BuildStatus;
  readonly context?: PhaseContext;
}

/** An environment variable as projects and builds declare it. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly type?: string;
}

/** A build: everything it needs is fixed when it starts, whatever happens to its project meanwhile. */
export interface BuildRecord {
  readonly id: string;
  readonly arn: string;
  readonly project: string;
  readonly number: number;
  readonly status: BuildStatus;
  readonly startMs: number;
  readonly endMs?: number;
  readonly initiator: string;
  readonly phases: readonly PhaseRecord[];
  readonly serviceRole: string;
  readonly source: Members;
  readonly sourceVersion?: string;
  readonly resolvedSourceVersion?: string;
  readonly environment: Members;
  readonly variables: readonly Variable[];
  readonly logs?: { readonly group: string; readonly stream: string };
  readonly timeoutMinutes: number;
  readonly queuedTimeoutMinutes: number;
  readonly concurrentBuildLimit?: number;
  readonly exported: readonly { readonly name: string; readonly value: string }[];
  /** Members that are given back and change nothing here. */
  readonly recorded: Members;
  /** What StartBuild was asked, for RetryBuild. */
  readonly request: Members;
}

/** Projects and builds in the journal. */
export class BuildStore {
  readonly projects: Table<ProjectRecord>;
  readonly builds: Table<BuildRecord>;

  constructor(readonly cloud: Cloud) {
    this.projects = cloud.journal.table("codebuild/projects");
    this.builds = cloud.journal.table("codebuild/builds");
  }

  projectArn(name: string): string {
    return this.cloud.arn("codebuild", `project/${nameOf(name)}`);
  }

  /** @param name or ARN. @throws ResourceNotFoundException. */
  project(name: string): ProjectRecord {
    const found = this.projects.get(nameOf(name));
    if (!found) throw new AwsError("ResourceNotFoundException", `Project cannot be found: ${this.projectArn(name)}`);
    return found;
  }

  /** @param id or ARN. @throws InvalidInputException, ResourceNotFoundException. */
  build(id: string): BuildRecord {
    const found = this.builds.get(buildId(id));
    if (!found) throw new AwsError("ResourceNotFoundException", `The build ${id} was not found.`);
    return found;
  }

  /** Changes a build that may have been deleted meanwhile. */
  change(id: string, changes: Partial<BuildRecord>): BuildRecord | undefined {
    const found = this.builds.get(id);
    if (!found) return undefined;
    const next = { ...found, ...changes };
    this.builds.put(id, next);
    return next;
  }

  /** Builds, the latest first. */
  latest(project?: string): BuildRecord[] {
    const all = [...this.builds.values()].filter((build) => project === undefined || build.project === project);
    return all.sort((a, b) => b.startMs - a.startMs || b.number - a.number);
  }
}

/** A project's name out of its ARN. */
export function nameOf(nameOrArn: string): string {
  return nameOrArn.replace(/^arn:[^/]*:project\//, "");
}

/** `project:uuid` out of a build's ARN. @throws InvalidInputException for anything else. */
export function buildId(idOrArn: string): string {
  const id = idOrArn.replace(/^arn:[^/]*:build\//, "");
  if (!/^[^:/]+:[^:/]+$/.test(id)) throw invalidInput(`Invalid build ID provided: ${idOrArn}`);
  return id;
}

export function invalidInput(message: string): AwsError {
  return new AwsError("InvalidInputException", message);
}
