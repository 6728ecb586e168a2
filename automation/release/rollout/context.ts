import type { ReleaseRecord } from "../../../records/release";
import type { Progress } from "../../stack/engine-log";
import type { GoldenImage } from "../golden/images";
import type { EnvironmentLock } from "../lock";
import type { ReleasedModel } from "../../../contract/desired-release";
import type { Environment } from "../../stack/environment";
import type { StackOutputs } from "../../../contract/outputs";

/** Who is told what a release does while it works. */
export interface ReleaseReporter {
  stage(environment: string, what: string): void;
  progress?(environment: string, progress: Progress): void;
}

/** What a record keeps of a package beside what it is. */
export type Evidence = Pick<ReleaseRecord, "imageDigest" | "datasetDigest" | "evaluation" | "decision">;

/** What shall be live, and what is known of it. */
export interface Wanted {
  readonly kind: "promote" | "rollback";
  readonly model: ReleasedModel;
  /** Goes into the release record as it is. */
  readonly evidence: Evidence;
  /**
   * Deploys changes of the program that nobody has deployed yet along with the release; otherwise they stop it before
   * anything is changed.
   */
  readonly withInfrastructure: boolean;
  /**
   * Brings the archive to where `model.modelDataUrl` says, and its baseline to where monitoring looks; called before
   * anything is changed.
   */
  copyArchive(): Promise<void>;
}

/** What all parts of one rollout share. */
export interface RolloutContext {
  readonly target: Environment;
  readonly outputs: StackOutputs;
  readonly wanted: Wanted;
  readonly golden: readonly GoldenImage[];
  /** ARN of who releases. */
  readonly by: string;
  readonly lock: EnvironmentLock;
  readonly report: ReleaseReporter;
}

/** Instance type that a release serves on in an environment: its own, or, where it names none, the setting's. */
export function instanceTypeOf(
  { settings }: Pick<Environment, "settings">,
  release: ReleasedModel | undefined,
): string {
  return release?.instanceType ?? String(settings["servingInstanceType"]);
}

/** Reports what is being done now. */
export function reportStage({ report, target }: Pick<RolloutContext, "report" | "target">, what: string): void {
  report.stage(target.name, what);
}
