import {
  BatchDeleteBuildsCommand,
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  CreateProjectCommand,
  DeleteProjectCommand,
  ListBuildsForProjectCommand,
  paginateListProjects,
  StartBuildCommand,
  StopBuildCommand,
} from "@aws-sdk/client-codebuild";
import { type AwsSession, clientSettings } from "./session";

/** CodeBuild: builds of one project. */
export class Builds {
  private readonly client: CodeBuildClient;

  constructor(session: AwsSession) {
    this.client = new CodeBuildClient(clientSettings(session));
  }

  /**
   * @param variables over those of the project.
   * @param token makes the call idempotent for five minutes.
   * @returns the build's id.
   */
  async start(project: string, variables: Readonly<Record<string, string>>, token: string): Promise<string> {
    const environmentVariablesOverride = Object.entries(variables).map(([name, value]) => ({
      name,
      value,
      type: "PLAINTEXT" as const,
    }));
    return (
      await this.client.send(
        new StartBuildCommand({ projectName: project, environmentVariablesOverride, idempotencyToken: token }),
      )
    ).build!.id!;
  }

  /** The newest 100 builds of a project whose variable has the given value. */
  async having(project: string, variable: string, value: string): Promise<Build[]> {
    return (await this.of(project)).filter(({ environment }) =>
      environment?.environmentVariables?.some((one) => one.name === variable && one.value === value),
    );
  }

  async status(id: string): Promise<string | undefined> {
    return (await this.client.send(new BatchGetBuildsCommand({ ids: [id] }))).builds?.[0]?.buildStatus;
  }

  async stop(id: string): Promise<void> {
    await this.client.send(new StopBuildCommand({ id }));
  }

  /**
   * A project without a source, one build at a time.
   * @param buildspec as text.
   * @param longestMinutes that a build may take: 5 at least (CodeBuild API).
   */
  async create(
    name: string,
    serviceRole: string,
    buildspec: string,
    longestMinutes: number,
    tags: Readonly<Record<string, string>>,
  ): Promise<string> {
    const { project } = await this.client.send(
      new CreateProjectCommand({
        name,
        serviceRole,
        source: { type: "NO_SOURCE", buildspec },
        artifacts: { type: "NO_ARTIFACTS" },
        environment: {
          type: "LINUX_CONTAINER",
          image: "aws/codebuild/standard:7.0",
          computeType: "BUILD_GENERAL1_SMALL",
        },
        concurrentBuildLimit: 1,
        timeoutInMinutes: longestMinutes,
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      }),
    );
    return project!.arn!;
  }

  /** All builds of a project, newest first; up to 100. */
  async of(project: string): Promise<Build[]> {
    const { ids = [] } = await this.client.send(
      new ListBuildsForProjectCommand({ projectName: project, sortOrder: "DESCENDING" }),
    );
    return ids.length === 0 ? [] : ((await this.client.send(new BatchGetBuildsCommand({ ids }))).builds ?? []);
  }

  /** Projects whose names start so. */
  async named(start: string): Promise<string[]> {
    const names: string[] = [];
    for await (const page of paginateListProjects({ client: this.client }, {}))
      names.push(...(page.projects ?? []).filter((name) => name.startsWith(start)));
    return names;
  }

  /**
   * Deletes a project when its builds have ended, after them, since they would stay (CodeBuild API, DeleteProject);
   * those that run are told to stop.
   * @throws Error while one still does.
   */
  async delete(name: string): Promise<void> {
    const builds = await this.of(name);
    const running = builds.filter(({ buildStatus }) => buildStatus === "IN_PROGRESS");
    for (const { id } of running) await this.stop(id!);
    if (running.length > 0) throw new Error(`${running.length} builds are stopping`);
    if (builds.length > 0) await this.client.send(new BatchDeleteBuildsCommand({ ids: builds.map(({ id }) => id!) }));
    await this.client.send(new DeleteProjectCommand({ name }));
  }
}
