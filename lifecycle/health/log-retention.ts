import { type CheckResult, ok, warning } from "./finding";

/** SageMaker opens these itself: one of each per account and Region, without an end and without our key. */
export const sharedLogGroups = [
  "/aws/sagemaker/TrainingJobs",
  "/aws/sagemaker/ProcessingJobs",
  "/aws/sagemaker/studio",
] as const;

/** A log group as far as it is judged. */
export interface RetainedLogGroup {
  readonly name: string;
  /** Days; undefined for ever. */
  readonly retentionDays: number | undefined;
  readonly keyArn: string | undefined;
}

/**
 * Of log groups, SageMaker's own that keep everything for ever: nobody's tags are on them, and no stack deletes them.
 */
export function endlessGroups<Group extends Pick<RetainedLogGroup, "name" | "retentionDays">>(
  groups: readonly Group[],
): Group[] {
  return groups.filter(
    ({ name, retentionDays }) => (sharedLogGroups as readonly string[]).includes(name) && retentionDays === undefined,
  );
}

/**
 * SageMaker opens these groups itself, one of each for the whole account, with the first job of anybody. So no stack
 * owns them: it would find the name taken, or delete with one environment what the jobs of all wrote.
 * @param retentionDays what the settings give to other groups.
 */
export function judgeLogRetention(groups: readonly RetainedLogGroup[], retentionDays: number): CheckResult {
  const shared = sharedLogGroups.map((name) => ({ name, group: groups.find((one) => one.name === name) }));
  const endless = endlessGroups(groups).map(({ name }) => name);
  if (endless.length > 0)
    return warning(
      `${endless.join(", ")} ${endless.length === 1 ? "keeps" : "keep"} for ever what jobs and apps of the whole account write`,
      endless
        .map((name) => `aws logs put-retention-policy --log-group-name ${name} --retention-in-days ${retentionDays}`)
        .join("\n"),
    );
  const absent = shared.filter(({ group }) => !group).map(({ name }) => name);
  const known = shared.flatMap(({ name, group }) =>
    group ? `${name} ${group.retentionDays} days${group.keyArn ? ", under a key of yours" : ""}` : [],
  );
  return ok([...known, ...(absent.length > 0 ? [`not there yet: ${absent.join(", ")}`] : [])].join("; "));
}
