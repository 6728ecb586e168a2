import { project } from "../../../contract/names";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";

/**
 * Keeps the state of stacks, where that is a bucket: each stack's own files of Pulumi's backend
 * (`.pulumi/<kind>/<project>/<stack>`), and the secrets in it by each stack's own key, known by its alias. A state
 * holds what its stack's secrets are: none is read for another's sake.
 */
export function keepState(scope: Scope, stacks: readonly Scope[] = [scope]): Statement[] {
  const {
    arns,
    settings: { delivery },
  } = scope;
  const [, bucket, path = ""] = /^s3:\/\/([^/?]+)\/?([^?]*)/.exec(delivery.backendUrl ?? "") ?? [];
  if (!bucket) return [];
  const at = (key: string) => arns.object(bucket, [path.replace(/\/$/, ""), ".pulumi", key].filter(Boolean).join("/"));
  const files = stacks.flatMap(({ environment }) =>
    [
      `stacks/${project}/${environment}.*`,
      ...[`locks/organization/${project}`, `history/${project}`, `backups/${project}`].map(
        (kind) => `${kind}/${environment}/*`,
      ),
    ].map(at),
  );
  return [
    allow(
      "FindState",
      [
        // Pulumi lists stacks, locks and history.
        "s3:GetBucketLocation",
        "s3:ListBucket",
      ],
      [arns.bucket(bucket)],
    ),
    allow("ReadBackend", ["s3:GetObject"], [at("meta.yaml"), at("Pulumi.yaml")]),
    allow(
      "KeepState",
      [
        // A lock is a file that comes and goes.
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:PutObject",
      ],
      files,
    ),
    allow(
      "KeepSecrets",
      [
        // A state's secrets are opened and encrypted anew.
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
      ],
      [arns.key("*")],
      {
        "ForAnyValue:StringEquals": { "kms:ResourceAliases": stacks.map(({ stateKeyAlias }) => stateKeyAlias) },
      },
    ),
  ];
}
