import {
  CreateGrantCommand,
  GenerateDataKeyCommand,
  GetPublicKeyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
} from "@aws-sdk/client-kms";
import {
  CompleteMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
} from "@aws-sdk/client-s3";
import { project } from "../../../../contract/names";
import { evaluationName, prefixes, userPrefix } from "../../../../contract/places";
import type { Target } from "../target";
import type { Probe, Probes } from "./probe";

/** A key that nobody uses. */
const nowhere = (prefix: string) => `${prefix}none/probe`;

type Place = (target: Target) => { readonly bucket: string; readonly key: string };
const artifacts =
  (prefix: string): Place =>
  (target) => ({ bucket: target.artifactsBucket, key: nowhere(prefix) });
const dataset: Place = (target) => ({ bucket: target.datasetBucket, key: nowhere(target.datasetPrefix) });

const on = (action: string, place: Place, send: (place: { Bucket: string; Key: string }) => Probe["send"]): Probe => ({
  needs: (target) => {
    const { bucket, key } = place(target);
    return [{ action: `s3:${action}`, resource: `arn:aws:s3:::${bucket}/${key}` }];
  },
  send: (clients, target) => {
    const { bucket, key } = place(target);
    return send({ Bucket: bucket, Key: key })(clients, target);
  },
});

/** Reads an object that is not there. */
const get = (place: Place): Probe =>
  on(
    "GetObject",
    place,
    (object) =>
      ({ s3 }) =>
        s3.send(new GetObjectCommand(object)),
  );
/** Completes an upload that was never begun, which takes the permission to write the object. */
const put = (place: Place): Probe =>
  on(
    "PutObject",
    place,
    (object) =>
      ({ s3 }) =>
        s3.send(
          new CompleteMultipartUploadCommand({
            ...object,
            UploadId: "none",
            MultipartUpload: { Parts: [{ PartNumber: 1, ETag: "none" }] },
          }),
        ),
  );
/** Deletes an object that is not there. */
const remove = (place: Place): Probe =>
  on(
    "DeleteObject",
    place,
    (object) =>
      ({ s3 }) =>
        s3.send(new DeleteObjectCommand(object)),
  );

/** A bucket policy that S3 refuses after IAM was asked. */
const bucketPolicy = (bucket: (target: Target) => string): Probe => ({
  needs: (target) => [{ action: "s3:PutBucketPolicy", resource: `arn:aws:s3:::${bucket(target)}` }],
  send: ({ s3 }, target) => s3.send(new PutBucketPolicyCommand({ Bucket: bucket(target), Policy: "{}" })),
});

/** The environment's key as policies see it: by its alias and its tags. */
const onKey = (operation: string, send: Probe["send"], context: Record<string, string> = {}): Probe => ({
  needs: (target) => [
    {
      action: `kms:${operation}`,
      resource: target.keyArn,
      context: {
        "kms:ResourceAliases": [`alias/${target.prefix}`],
        "aws:ResourceTag/project": project,
        "aws:ResourceTag/environment": target.environment,
        ...context,
      },
    },
  ],
  send,
});

type SigningKey = "approvals" | "log";
const signingKeyOf = (target: Target, key: SigningKey): string =>
  key === "log" ? target.logKeyArn : target.approvalKeyArn;

/** The keys that decisions and checkpoints of the log are signed with, in the same way. */
const onSigningKey = (
  key: SigningKey,
  operation: string,
  context: Record<string, string>,
  send: Probe["send"],
): Probe => ({
  needs: (target) => [
    {
      action: `kms:${operation}`,
      resource: signingKeyOf(target, key),
      context: {
        "kms:ResourceAliases": [`alias/${target.prefix}-${key}`],
        "aws:ResourceTag/project": project,
        "aws:ResourceTag/environment": target.environment,
        ...context,
      },
    },
  ],
  send,
});

/** A digest of nothing that could be decided or logged. */
const sign = (key: SigningKey): Probe =>
  onSigningKey(
    key,
    "Sign",
    { "kms:SigningAlgorithm": "ECDSA_SHA_256", "kms:MessageType": "DIGEST" },
    ({ kms }, target) =>
      kms.send(
        new SignCommand({
          KeyId: signingKeyOf(target, key),
          Message: Buffer.alloc(32),
          MessageType: "DIGEST",
          SigningAlgorithm: "ECDSA_SHA_256",
        }),
      ),
  );

const publicKey = (key: SigningKey): Probe =>
  onSigningKey(key, "GetPublicKey", {}, ({ kms }, target) =>
    kms.send(new GetPublicKeyCommand({ KeyId: signingKeyOf(target, key) })),
  );

export const dataProbes: Probes = {
  "s3:ListBucket dataset": {
    needs: ({ datasetBucket }) => [{ action: "s3:ListBucket", resource: `arn:aws:s3:::${datasetBucket}` }],
    send: ({ s3 }, { datasetBucket }) => s3.send(new ListObjectsV2Command({ Bucket: datasetBucket, MaxKeys: 1 })),
  },
  "s3:GetObject dataset": get(dataset),
  "s3:PutObject dataset": put(dataset),
  "s3:DeleteObject dataset": remove(dataset),
  "s3:PutBucketPolicy dataset": bucketPolicy(({ datasetBucket }) => datasetBucket),
  "s3:GetObject runs": get(artifacts(prefixes.runs)),
  "s3:GetObject evidence": get((target) => ({
    bucket: target.artifactsBucket,
    key: `${prefixes.runs}none/${evaluationName}`,
  })),
  "s3:PutObject runs": put(artifacts(prefixes.runs)),
  "s3:GetObject mlflow": get(artifacts(prefixes.mlflow)),
  "s3:PutObject mlflow": put(artifacts(prefixes.mlflow)),
  "s3:PutObject weights": put(artifacts(prefixes.weights)),
  "s3:PutObject checkpoints": put(artifacts(prefixes.checkpoints)),
  "s3:PutObject champion": put(artifacts(prefixes.champion)),
  "s3:PutObject sources": put(artifacts(prefixes.sources)),
  "s3:PutObject users-anna": put(artifacts(userPrefix("anna"))),
  "s3:PutObject users-ben": put(artifacts(userPrefix("ben"))),
  "s3:PutObject users-else": put(artifacts(userPrefix("else"))),
  "s3:GetObject users-anna": get(artifacts(userPrefix("anna"))),
  "s3:GetObject users-else": get(artifacts(userPrefix("else"))),
  "s3:GetObject releases": get(artifacts(prefixes.releases)),
  "s3:PutObject releases": put(artifacts(prefixes.releases)),
  "s3:GetObject approvals": get(artifacts(prefixes.approvals)),
  "s3:PutObject approvals": put(artifacts(prefixes.approvals)),
  "s3:GetObject ledger": get(artifacts(prefixes.ledger)),
  "s3:PutObject ledger": put(artifacts(prefixes.ledger)),
  "s3:DeleteObject ledger": remove(artifacts(prefixes.ledger)),
  "s3:GetObject labels": get(artifacts(prefixes.labels)),
  "s3:PutObject labels": put(artifacts(prefixes.labels)),
  "s3:PutObject held": put(artifacts(prefixes.held)),
  "s3:PutObject failover": put(artifacts(`${prefixes.watch}failover/`)),
  "s3:GetObject capture": get(artifacts(prefixes.capture)),
  "s3:PutObject capture": put(artifacts(prefixes.capture)),
  "s3:PutBucketPolicy artifacts": bucketPolicy(({ artifactsBucket }) => artifactsBucket),
  "s3:DeleteBucket own": {
    needs: ({ probe }) => [{ action: "s3:DeleteBucket", resource: `arn:aws:s3:::${probe}` }],
    send: ({ s3 }, { probe }) => s3.send(new DeleteBucketCommand({ Bucket: probe })),
  },
  "kms:Sign decision": sign("approvals"),
  "kms:GetPublicKey decision": publicKey("approvals"),
  "kms:Sign log": sign("log"),
  "kms:GetPublicKey log": publicKey("log"),
  // The key policy lets the key be used through S3 and its like only, never by a request to KMS itself.
  "kms:GenerateDataKey direct": onKey("GenerateDataKey", ({ kms }, { keyArn }) =>
    kms.send(new GenerateDataKeyCommand({ KeyId: keyArn, KeySpec: "AES_256" })),
  ),
  // A grant would outlive every policy: none is made by a request to KMS itself, only for what an AWS service keeps.
  "kms:CreateGrant direct": onKey(
    "CreateGrant",
    ({ kms }, target) =>
      kms.send(
        new CreateGrantCommand({
          KeyId: target.keyArn,
          GranteePrincipal: target.roleArn("studio-ml-engineer"),
          Operations: ["Decrypt"],
          DryRun: true,
        }),
      ),
    { "kms:GrantIsForAWSResource": "false" },
  ),
  "kms:PutKeyPolicy own": onKey("PutKeyPolicy", ({ kms }, { keyArn }) =>
    kms.send(new PutKeyPolicyCommand({ KeyId: keyArn, Policy: "{}" })),
  ),
  "kms:ScheduleKeyDeletion own": onKey("ScheduleKeyDeletion", ({ kms }, { keyArn }) =>
    kms.send(new ScheduleKeyDeletionCommand({ KeyId: keyArn, PendingWindowInDays: 30 })),
  ),
};
