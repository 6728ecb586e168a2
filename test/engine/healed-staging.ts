import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromIni } from "@aws-sdk/credential-providers";
import type { ServerFile } from "../../local/main";
import { ByHand } from "../support/by-hand";
import type { ProjectCopy } from "./project-copy";
import { artifacts, Staging } from "./staging";

/** Slow enough that a function's run of a second is no minute of the cloud, fast enough that sweeps need no patience. */
const speed = "8";

/** Staging with a release and a healer, on a cloud whose clock is not much faster than a real one. */
export class HealedStaging {
  private constructor(
    readonly project: ProjectCopy,
    readonly byHand: ByHand,
  ) {}

  static async up(mode = "on"): Promise<HealedStaging> {
    const { project } = await Staging.up();
    try {
      const file = join(project.folder, "Pulumi.staging.yaml");
      writeFileSync(
        file,
        `${readFileSync(file, "utf8").trimEnd()}\n  peregrine:remediation: "${mode}"\n  peregrine:remediationEveryMinutes: 1\n  peregrine:escalation:\n    - "* critical 15 mailto:lead@example.org"\n`,
      );
      await project.peregrine("local", "stop");
      const server = await project.startCloud("--speed", speed, "--lags", "on");
      const up = ["up", "--yes", "--skip-preview", "--stack", "staging", "--policy-pack", "policies"];
      const finished = await project.pulumi(...up);
      assert.equal(finished.code, 0, finished.output);
      return new HealedStaging(project, administrator(server));
    } catch (error) {
      await project.remove();
      throw error;
    }
  }

  remove(): Promise<void> {
    return this.project.remove();
  }
}

function administrator({ credentialsFile, region, url }: ServerFile): ByHand {
  const credentials = fromIni({ filepath: credentialsFile, profile: "ab" });
  return new ByHand({ region, endpoint: url, credentials }, artifacts);
}
