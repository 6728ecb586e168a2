import { ReleaseRejected } from "../errors";
import { type GoldenRun, judgeGolden } from "../../lifecycle/golden-verdict";
import { askGolden } from "./golden/ask";
import { goldenImages, goldenSource } from "./golden/set";
import { raisedAlarms } from "./rollout/converge";
import { servingStatus } from "./status";
import type { Environment } from "../stack/environment";

/**
 * Asks an environment where a package went live before whether it still serves it as it should: live configuration,
 * real images, alarms. Changes nothing.
 * @returns what it answered, or undefined when it serves another release by now, which is left alone.
 * @throws ReleaseRejected when it is the package and fails.
 */
export async function verifyServed(
  target: Environment,
  packageArn: string,
  images: number,
): Promise<Omit<GoldenRun, "answers"> | undefined> {
  target.invalidateState();
  const outputs = await target.outputs();
  const { desired, endpoint, converged } = await servingStatus(target, outputs);
  if (desired?.modelPackageArn !== packageArn) return undefined;
  const cure = `Examine it: npx peregrine doctor --stack ${target.name}. Then run the same command again.`;
  if (!endpoint || !converged)
    throw new ReleaseRejected(
      `${target.name} should serve ${packageArn} and does not: its endpoint is ${endpoint ? `${endpoint.status} on ${endpoint.configName}` : "absent"}.`,
      cure,
    );
  const golden = await goldenImages(target.session, goldenSource(target, outputs.datasetBucket), images);
  const run = await askGolden(target.session, endpoint.name, golden);
  const problems = [...judgeGolden(golden, run, undefined).reasons, ...(await raisedAlarms({ target }, endpoint.name))];
  if (problems.length > 0)
    throw new ReleaseRejected(
      `${target.name} serves ${packageArn} and fails its tests:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
      cure,
    );
  const { answers: _answers, ...shown } = run;
  return shown;
}
