import type { ParameterStore } from "../aws/ssm";
import type { EnvironmentName } from "./workspace";

/** What an environment shall serve. The Pulumi program reads it, only automation writes it. */
export interface DesiredRelease {
  readonly modelPackageArn: string;
  /** The model archive in the environment's own artifacts bucket. */
  readonly modelDataUrl: string;
  readonly modelSha256: string;
  readonly imageUri: string;
  /** ISO 8601, service time. */
  readonly promotedAt: string;
  /** ARN of the caller. */
  readonly promotedBy: string;
}

/** The desired release of one environment: an SSM parameter holding JSON. */
export class DesiredReleaseStore {
  constructor(
    private readonly parameters: ParameterStore,
    private readonly environment: EnvironmentName,
    private readonly parameter: string,
  ) {}

  /** The present desired release, or undefined when nothing was released yet. */
  async read(): Promise<DesiredRelease | undefined> {
    const text = await this.parameters.get(this.parameter);
    return text === undefined ? undefined : (JSON.parse(text) as DesiredRelease);
  }

  async write(release: DesiredRelease): Promise<void> {
    await this.parameters.put(this.parameter, JSON.stringify(release), { project: "peregrine", environment: this.environment });
  }

  /** Puts back what was desired before, "nothing" included. */
  async restore(previous: DesiredRelease | undefined): Promise<void> {
    if (previous) await this.write(previous);
    else await this.parameters.delete(this.parameter);
  }
}
