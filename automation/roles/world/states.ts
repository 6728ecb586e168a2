import { statePath } from "../../../contract/names";
import type { Asset } from "../../../lifecycle/access/model";
import type { Scope } from "../../../infra/scope";

/**
 * Where the state of an environment's stack lies, if that is a bucket: under the path of its backend's URL, or in a
 * file of its name where all stacks share one (Pulumi documentation, "State and backends":
 * `.pulumi/stacks/<project>/<stack>.json`).
 */
export function statesOf({ arns, environment, place, settings: { delivery } }: Scope): Asset[] {
  const parsed = /^s3:\/\/([^/?]+)\/?([^?]*)/.exec(delivery.backendUrl ?? "");
  if (!parsed) return [];
  const [, bucket = "", path = ""] = parsed;
  const folder = path === "" ? "" : `${path.replace(/\/$/, "")}/`;
  return [
    {
      id: `state of ${environment}`,
      kind: "state",
      arn: arns.object(bucket, `${folder}${statePath(environment)}`),
      account: place.accountId,
      environment,
      labels: ["state"],
    },
  ];
}
