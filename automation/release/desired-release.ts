import { JsonParameter, ParameterDamaged } from "../../records/json-parameter";
import {
  type DesiredRelease,
  desiredRelease,
  maxKeptReleases,
  type ReleasedModel,
} from "../../contract/desired-release";
import type { ParameterStore } from "../../aws/ssm";
import { type ReleaseContent, releaseId } from "../../records/release";
import { DesiredReleaseDamaged } from "../errors";
import type { EnvironmentName } from "../../contract/environments";

/** The same model, wherever and however large it is served. */
export function sameRelease(one: ReleaseContent, other: ReleaseContent): boolean {
  return releaseId(one) === releaseId(other);
}

/**
 * The list of kept releases when `release` takes the place of `previous`: the newest ones, each once.
 * @param kind going back gives the previous one up.
 */
export function keptBehind(
  release: ReleasedModel,
  previous: DesiredRelease | undefined,
  kind: "promote" | "rollback" = "promote",
): ReleasedModel[] {
  if (!previous) return [];
  const { kept, promotedBy: _by, givenUp: _given, experiment: _running, endedExperiment: _ended, ...live } = previous;
  const model: ReleasedModel = kind === "rollback" ? { ...live, givenUp: true } : live;
  const ids = new Set([releaseId(release)]);
  const earlier = [model, ...kept].filter((one) => !ids.has(releaseId(one)) && ids.add(releaseId(one)));
  return earlier.slice(0, maxKeptReleases);
}

/** The desired release of one environment: an SSM parameter holding JSON. */
export class DesiredReleaseStore {
  private readonly held: JsonParameter<DesiredRelease>;

  constructor(
    private readonly parameters: ParameterStore,
    private readonly environment: EnvironmentName,
    private readonly parameter: string,
  ) {
    this.held = new JsonParameter(parameters, environment, parameter, desiredRelease);
  }

  /** The present desired release, or undefined when nothing was released yet. @throws DesiredReleaseDamaged. */
  async read(): Promise<DesiredRelease | undefined> {
    try {
      return await this.held.read();
    } catch (error) {
      if (!(error instanceof ParameterDamaged)) throw error;
      throw new DesiredReleaseDamaged(
        `The desired release of ${this.environment} (SSM parameter ${this.parameter}) is damaged: ${error.why}`,
        `See the releases: npx peregrine release list --stack ${this.environment}; then write one anew: npx peregrine rollback --stack ${this.environment} --to RELEASE`,
        { cause: error },
      );
    }
  }

  async write(release: DesiredRelease): Promise<void> {
    await this.held.write(release);
  }

  /** Puts back what was desired before, "nothing" included. */
  async restore(previous: DesiredRelease | undefined): Promise<void> {
    if (previous) await this.write(previous);
    else await this.parameters.delete(this.parameter);
  }
}
