import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  ListBuildsForProjectCommand,
} from "@aws-sdk/client-codebuild";
import { buildVariable } from "../../contract/variables";
import { type AwsSession, clientSettings } from "../../aws/session";
import { Builds } from "../../aws/codebuild";
import { SageMaker } from "../../aws/sagemaker";
import { poll } from "../../automation/poll";
import { status } from "../../automation/release/status";
import type { Environment } from "../../automation/stack/environment";
import type { EnvironmentName } from "../../contract/environments";
import { releaseId } from "../../records/release";
import { projectDir } from "../project";
import { elapsed } from "../terminal";
import type { Facts } from "./summary";

/** What the step needs of the rehearsal. */
export interface ApprovedRelease {
  /** The registry's, and those of the build's targets that are to serve the package. */
  readonly environments: Readonly<{ dev: Environment } & Partial<Record<EnvironmentName, Environment>>>;
  /** The package that was approved just now. */
  readonly packageArn: string;
}

/** Real time. A build that does not begin was never asked for; one that takes so long hangs. */
const beginSeconds = 60;
const maxSeconds = 900;
const pollMs = 1_000;
const tailLines = 40;

/**
 * After an approval: waits, without doing anything, until the build that the event starts has released the package to
 * those of its targets that do not serve it since its trial. Told: the build's phase and the newest line of its log.
 * @returns the build's number, its seconds, the commit that it ran, and the release id by environment.
 * @throws Error with the end of the log when the build fails.
 */
export async function releaseByApproval(release: ApprovedRelease, onProgress: (text: string) => void): Promise<Facts> {
  const { build, seconds, tail } = await buildOf(release, onProgress);
  if (build.buildStatus !== "SUCCEEDED")
    throw new Error(`build ${build.id} ended as ${build.buildStatus}:\n${tail.join("\n")}`);
  const { environments, packageArn } = release;
  const facts: Record<string, string | number> = { build: build.buildNumber!, seconds, source: await sourceOf() };
  for (const target of variable(build, buildVariable.targets).split(",") as EnvironmentName[])
    if (environments[target]) facts[target] = await served(environments[target], packageArn);
  return facts;
}

/**
 * After the approval of a package that must not go live: waits until its build has failed.
 * @returns the build's number.
 */
export async function failedBuild(release: ApprovedRelease, onProgress: (text: string) => void): Promise<number> {
  const { build, tail } = await buildOf(release, onProgress);
  if (build.buildStatus !== "FAILED")
    throw new Error(`build ${build.id} ended as ${build.buildStatus}, not FAILED:\n${tail.join("\n")}`);
  return build.buildNumber!;
}

/**
 * After a request: waits until the build that it started has succeeded.
 * @param matches whether a build is the one, by its variables.
 * @returns its seconds.
 * @throws Error with the end of the log when it fails.
 */
export async function requestedBuild(
  { environments }: Pick<ApprovedRelease, "environments">,
  matches: (variable: (name: string) => string) => boolean,
  onProgress: (text: string) => void,
): Promise<number> {
  const { build, seconds, tail } = await follow(
    environments.dev,
    "the request",
    (one) => matches((name) => variable(one, name)),
    onProgress,
  );
  if (build.buildStatus !== "SUCCEEDED")
    throw new Error(`build ${build.id} ended as ${build.buildStatus}:\n${tail.join("\n")}`);
  return seconds;
}

/**
 * After the approval of a package that is to be compared before it is released: an administrator stops its build as soon
 * as it begins. What a person stopped alarms nobody.
 */
export async function stoppedBuild(
  { environments: { dev }, packageArn }: ApprovedRelease,
  onProgress: (text: string) => void,
): Promise<void> {
  const { build } = await follow(dev, `the approval of ${packageArn}`, ofApproval(packageArn), onProgress, (id) =>
    new Builds(dev.session).stop(id),
  );
  if (build.buildStatus !== "STOPPED")
    throw new Error(`build ${build.id} was stopped and ended as ${build.buildStatus}`);
}

/** The build that the approval's event starts; its package's trial was another. */
function buildOf({ environments, packageArn }: ApprovedRelease, onProgress: (text: string) => void): Promise<Followed> {
  return follow(environments.dev, `the approval of ${packageArn}`, ofApproval(packageArn), onProgress);
}

const ofApproval = (packageArn: string) => (build: Build) =>
  variable(build, buildVariable.modelPackageArn) === packageArn && !variable(build, buildVariable.callbackToken);

interface Followed {
  readonly build: Build;
  readonly seconds: number;
  readonly tail: string[];
}

/** The newest build that something starts, once it has ended, with the end of its log. @param onBegin told its id. */
async function follow(
  registry: Environment,
  cause: string,
  matches: (build: Build) => boolean,
  onProgress: (text: string) => void,
  onBegin: (id: string) => Promise<void> = () => Promise.resolve(),
): Promise<Followed> {
  const { session } = registry;
  const project = (await registry.outputs()).releaseProject!;
  const codebuild = new CodeBuildClient(clientSettings(session));
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  onProgress(`waiting for ${cause} to start a build of ${project}`);
  const begun = await poll(
    () => newest(codebuild, project, matches),
    (found) => found !== undefined,
    { timeoutMs: beginSeconds * 1000, backoff: { firstMs: pollMs, maxMs: pollMs } },
  );
  if (!begun)
    throw new Error(`no build of ${project} was started by ${cause}: see the dead-letter queue of ${registry.name}`);
  let build = begun;
  const { id } = build;
  await onBegin(id!);
  const log = (lines: number) => logOf(session, build, lines);
  while (build.buildStatus === "IN_PROGRESS") {
    const [line] = await log(1);
    onProgress(
      `build ${build.buildNumber} ${build.currentPhase}, ${elapsed(seconds() * 1000)}${line ? `: ${line}` : ""}`,
    );
    if (seconds() > maxSeconds)
      throw new Error(`build ${id} has not ended after ${maxSeconds} s:\n${(await log(tailLines)).join("\n")}`);
    await delay(pollMs);
    build = (await describe(codebuild, [id]))[0]!;
  }
  return { build, seconds: Math.round(seconds()), tail: await log(tailLines) };
}

/** The commit that builds run. A developer has to know when that is not what the working tree holds. */
async function sourceOf(): Promise<string> {
  const git = async (...args: string[]) => (await promisify(execFile)("git", args, { cwd: projectDir })).stdout.trim();
  const [commit, changes] = await Promise.all([git("rev-parse", "--short", "HEAD"), git("status", "--porcelain")]);
  return changes ? `${commit} without the uncommitted changes` : commit;
}

function variable({ environment }: Build, name: string): string {
  return environment?.environmentVariables?.find((one) => one.name === name)?.value ?? "";
}

/** The id of the release that an environment serves. @throws when it serves another package, or not what it should. */
export async function served(environment: Environment, packageArn: string): Promise<string> {
  const { desired, converged, endpoint } = await status(environment);
  if (desired?.modelPackageArn !== packageArn || !converged)
    throw new Error(
      `the build succeeded, but ${environment.name} serves ${desired?.modelPackageArn ?? "nothing"} (endpoint ${endpoint?.status ?? "absent"}), wanted ${packageArn}`,
    );
  return releaseId(desired);
}

/** The newest build that matches, if there is one. */
async function newest(
  codebuild: CodeBuildClient,
  projectName: string,
  matches: (build: Build) => boolean,
): Promise<Build | undefined> {
  const { ids } = await codebuild.send(new ListBuildsForProjectCommand({ projectName }));
  return (await describe(codebuild, ids ?? [])).find(matches);
}

async function describe(codebuild: CodeBuildClient, ids: readonly (string | undefined)[]): Promise<Build[]> {
  return ids.length === 0
    ? []
    : ((await codebuild.send(new BatchGetBuildsCommand({ ids: ids as string[] }))).builds ?? []);
}

/** The last lines of a build's log; none before it has one. */
async function logOf(session: AwsSession, { logs }: Build, lines: number): Promise<string[]> {
  const client = new CloudWatchLogsClient(clientSettings(session));
  const { events } = await client
    .send(new GetLogEventsCommand({ logGroupName: logs?.groupName, logStreamName: logs?.streamName, limit: lines }))
    .catch((error: Error) => {
      if (error.name === "ResourceNotFoundException") return { events: [] };
      throw error;
    });
  return (events ?? []).map(({ message }) => (message ?? "").trimEnd()).filter(Boolean);
}

/** The configuration that an environment's endpoint runs; undefined where there is no endpoint. */
export async function liveConfig(environment: Environment): Promise<string | undefined> {
  const { endpointName } = await environment.outputs();
  return (await new SageMaker(environment.session).describeEndpoint(endpointName))?.EndpointConfigName;
}
