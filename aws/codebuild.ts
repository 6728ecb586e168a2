import { BatchGetBuildsCommand, type Build, CodeBuildClient, ListBuildsForProjectCommand, StartBuildCommand, StopBuildCommand } from "@aws-sdk/client-codebuild";
import { type AwsSession, clientSettings } from "./session";

/** CodeBuild: builds of one project. */
export class Builds {
  private readonly client: CodeBuildClient;

  constructor(session: AwsSession) {
    this.client = new CodeBuildClient(clientSettings(session));
  }

  /** @param variables over those of the project. @param token makes the call idempotent for five minutes. @returns the build's id. */
  async start(project: string, variables: Readonly<Record<string, string>>, token: string): Promise<string> {
    const environmentVariablesOverride = Object.entries(variables).map(([name, value]) => ({ name, value, type: "PLAINTEXT" as const }));
    return (await this.client.send(new StartBuildCommand({ projectName: project, environmentVariablesOverride, idempotencyToken: token }))).build!.id!;
  }

  /** The newest 100 builds of a project whose variable has the given value. */
  async having(project: string, variable: string, value: string): Promise<Build[]> {
    const { ids = [] } = await this.client.send(new ListBuildsForProjectCommand({ projectName: project, sortOrder: "DESCENDING" }));
    if (ids.length === 0) return [];
    const { builds = [] } = await this.client.send(new BatchGetBuildsCommand({ ids }));
    return builds.filter(({ environment }) => environment?.environmentVariables?.some((one) => one.name === variable && one.value === value));
  }

  async stop(id: string): Promise<void> {
    await this.client.send(new StopBuildCommand({ id }));
  }
}
