import { ObjectStore } from "../aws/s3";
import { listReleases } from "../records/release";
import { ledgerOf } from "./history";
import { EnvironmentLock } from "./lock";
import type { Environment } from "./workspace";

/**
 * The environments that a package still has to be released to by itself: those where it never went live. An event may come twice, and
 * an old package's may come again when somebody edits it; what people or newer releases put in its place since must stay. Where an
 * operation was interrupted the environment counts in any case: its lock says what is left to do.
 * @param approved id of the release that was approved. A trial of the same package may have been of other bytes: that was another release.
 */
export async function notYetReleased(targets: readonly Environment[], packageArn: string, approved?: string): Promise<Environment[]> {
  const open = await Promise.all(
    targets.map(async (target) => {
      const outputs = await target.outputs();
      if (await EnvironmentLock.look(new ObjectStore(target.session), outputs.artifactsBucket)) return true;
      const releases = await listReleases(ledgerOf(target, outputs), target.name);
      return !releases.some((one) => one.modelPackageArn === packageArn && one.outcome === "live" && (approved === undefined || one.releaseId === approved));
    }),
  );
  return targets.filter((_, index) => open[index]);
}
