import { type LogGroup, Logs } from "../../aws/logs";
import type { AwsSession } from "../../aws/session";
import { sharedLogGroups } from "../teardown/remains";
import { type Found, ok, warning } from "./finding";

/** Whether what jobs and apps write into SageMaker's own log groups ends one day. */
export async function jobLogsLook(session: AwsSession, retentionDays: number): Promise<Found> {
  return judgeJobLogs(await new Logs(session).groups("/aws/sagemaker/"), retentionDays);
}

/**
 * SageMaker opens these groups itself, one of each for the whole account, with the first job of anybody. So no stack owns them: it would
 * find the name taken, or delete with one environment what the jobs of all wrote. @param retentionDays what the settings give to other groups.
 */
function judgeJobLogs(groups: readonly LogGroup[], retentionDays: number): Found {
  const shared = sharedLogGroups.map((name) => ({ name, group: groups.find((one) => one.name === name) }));
  const endless = shared.filter(({ group }) => group && group.retentionDays === undefined).map(({ name }) => name);
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
