import type { AwsSession } from "../../aws/session";
import { type CheckResult, failed, ok, warning } from "../../lifecycle/health/finding";
import { findGolden, goldenCure, type GoldenSource, noGolden } from "../release/golden/set";

/** How many images there are to test a release with. */
export async function goldenImagesCheck(session: AwsSession, source: GoldenSource): Promise<CheckResult> {
  const { keys, labelled } = await findGolden(session, source);
  const where = source.goldenPrefix
    ? `of s3://${source.bucket}/${source.goldenPrefix}`
    : "of flights held out of training";
  if (keys.length === 0) return failed(noGolden(source), goldenCure);
  if (labelled.length === 0)
    return warning(
      `${keys.length} images ${where}, none with labels: a release is tested for absurd answers alone`,
      "Lay Pascal VOC labels beside some of them.",
    );
  return ok(`${labelled.length} labelled images ${where}`);
}
