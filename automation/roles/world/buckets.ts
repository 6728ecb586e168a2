import type { Asset, Person, Policy } from "../../../lifecycle/access/model";
import { auditBucketPolicy } from "../../../infra/audit/policies";
import { prefixes, userPrefix } from "../../../contract/places";
import { settingsStay, writersOnly } from "../../../infra/identity/writers";
import { artifactsForReaders } from "../../../infra/registry/readers";
import type { Scope } from "../../../infra/scope";
import { tlsOnly } from "../../../infra/storage/bucket";
import { accessLogDelivery } from "../../../infra/storage/storage";

/** Prefixes whose content proves what happened. */
const evidence: ReadonlySet<string> = new Set(["ledger", "approvals", "accountFacts", "remediation"]);

/** Buckets of an environment, and the prefixes in them that differ in who writes and who believes. */
export function bucketsOf(scope: Scope, people: readonly Person[]): Asset[] {
  const { arns, artifactsBucket, auditBucketPattern, accessLogsBucket, environment, settings } = scope;
  const artifacts = bucket(scope, "artifacts bucket", artifactsBucket, {
    name: "bucket policy",
    statements: [...tlsOnly(arns.bucket(artifactsBucket)), ...artifactsForReaders(scope), ...writersOnly(scope)],
  });
  const inArtifacts = Object.entries<string>(prefixes).map(([name, prefix]) =>
    inside(artifacts, `${environment} ${prefix}`, prefix, evidence.has(name) ? ["evidence"] : undefined),
  );
  const names = [...new Set(people.map(({ name }) => name))];
  const users = names.map((name): Asset => ({
    ...inside(artifacts, `${environment} ${userPrefix(name)}`, userPrefix(name), ["users"]),
    parts: { name },
  }));
  const audit =
    settings.audit.trail === "organization"
      ? []
      : withFiles(
          bucket(
            scope,
            "audit bucket",
            auditBucketPattern,
            {
              name: "bucket policy",
              statements: [
                ...tlsOnly(arns.bucket(auditBucketPattern)),
                ...auditBucketPolicy(scope, arns.bucket(auditBucketPattern)),
              ],
            },
            ["trail"],
          ),
          `${environment} trail files`,
        );
  const logs = settings.audit.accessLogs
    ? withFiles(
        bucket(
          scope,
          "access logs",
          accessLogsBucket,
          {
            name: "bucket policy",
            statements: [
              ...tlsOnly(arns.bucket(accessLogsBucket)),
              ...accessLogDelivery(scope, arns.bucket(accessLogsBucket)),
              settingsStay(scope, arns.bucket(accessLogsBucket)),
            ],
          },
          ["trail"],
        ),
        `${environment} access log files`,
      )
    : [];
  return [artifacts, ...inArtifacts, ...users, ...audit, ...logs];
}

/** The dataset, which is nobody's of ours. */
export function datasetOf({ arns, settings: { dataset }, place: { accountId } }: Scope): Asset[] {
  const whole: Asset = {
    id: `dataset bucket ${dataset.bucket}`,
    kind: "bucket",
    arn: arns.bucket(dataset.bucket),
    account: accountId,
    labels: ["dataset"],
  };
  return [whole, { ...inside(whole, `dataset ${dataset.bucket}`, "", ["dataset"]) }];
}

function bucket(
  { arns, environment, place, tags }: Scope,
  name: string,
  bucketName: string,
  policy: Policy,
  labels?: readonly string[],
): Asset {
  return {
    id: `${environment} ${name}`,
    kind: "bucket",
    arn: arns.bucket(bucketName),
    account: place.accountId,
    environment,
    policy,
    tags,
    labels,
  };
}

function withFiles(holder: Asset, id: string): Asset[] {
  return [holder, inside(holder, id, "", ["evidence", "trail"])];
}

function inside(holder: Asset, id: string, prefix: string, labels?: readonly string[]): Asset {
  const { arn, account, environment, policy } = holder;
  return { id, kind: "prefix", arn: `${arn}/${prefix}*`, account, environment, policy, within: holder.id, labels };
}
