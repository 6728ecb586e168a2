import type { Members } from "../../members";
import { each, given, need, type Context, type Permissions } from "./requirements";

/** A key's ARN from its id or ARN. Aliases stay aliases: which key is behind one the service knows, and puts in. */
function key(id: unknown): string {
  const text = String(id);
  return text.startsWith("arn:")
    ? text
    : text.startsWith("alias/")
      ? `arn:aws:kms:::${text}`
      : `arn:aws:kms:::key/${text}`;
}

/** A ciphertext of the local cloud begins with the id of its key, so that Decrypt needs none. */
function keyOfCiphertext(blob: unknown): string | undefined {
  const bytes =
    blob instanceof Uint8Array ? Buffer.from(blob) : Buffer.from(typeof blob === "string" ? blob : "", "base64");
  const id = bytes.subarray(0, 36).toString("latin1");
  return /^(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(id) ? id : undefined;
}

/** The alias by which a request names its key, in letters of either form (`alias/x` or its ARN). */
function requestAlias({ KeyId }: Members): Record<string, string | undefined> {
  return {
    "kms:RequestAlias": /alias\//.test(String(KeyId)) ? String(KeyId).replace(/^.*:(?=alias\/)/, "") : undefined,
  };
}

/**
 * Condition keys of an operation that uses a key. `kms:MessageType` is there where the request names one, though RAW is
 * the default (believed).
 */
function cryptographic(input: Members): Context {
  const context = (input.EncryptionContext ?? {}) as Record<string, string>;
  return {
    ...given({
      "kms:EncryptionAlgorithm": input.EncryptionAlgorithm,
      "kms:SigningAlgorithm": input.SigningAlgorithm,
      "kms:MessageType": input.MessageType,
      ...requestAlias(input),
    }),
    ...(Object.keys(context).length > 0 && { "kms:EncryptionContextKeys": Object.keys(context) }),
    ...Object.fromEntries(
      Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, String(value)]),
    ),
  };
}

/** Condition keys of a grant that is to be made (Service Authorization Reference, KMS). */
function grantContext({
  GranteePrincipal,
  GranteeServicePrincipal,
  RetiringPrincipal,
  RetiringServicePrincipal,
  Operations,
  Constraints = {},
}: Members): Context {
  return given({
    "kms:GranteePrincipal": GranteePrincipal,
    "kms:GranteeServicePrincipal": GranteeServicePrincipal,
    "kms:RetiringPrincipal": RetiringPrincipal,
    "kms:RetiringServicePrincipal": RetiringServicePrincipal,
    "kms:GrantOperations": Operations,
    "kms:GrantConstraintType": ["EncryptionContextEquals", "EncryptionContextSubset"].find(
      (type) => Constraints[type] !== undefined,
    ),
    "kms:GrantConstraintSourceArn": Constraints.SourceArn,
    "kms:GrantIsForAWSResource": "false",
  });
}

const alias = (input: Members): string => `arn:aws:kms:::${String(input.AliasName)}`;

/** What KMS's operations require. Key policies decide together with them. */
export const kmsPermissions: Permissions = {
  CreateKey: (input) => [
    need(
      "kms:CreateKey",
      "*",
      given({ "kms:KeySpec": input.KeySpec, "kms:KeyUsage": input.KeyUsage, "kms:MultiRegion": input.MultiRegion }),
    ),
    ...((input.Tags as unknown[] | undefined)?.length ? [need("kms:TagResource", "*")] : []),
  ],
  ...each(
    `Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac VerifyMac Sign Verify GetPublicKey
     DeriveSharedSecret`,
    (operation) => (input) => [need(`kms:${operation}`, key(input.KeyId), cryptographic(input))],
  ),
  Decrypt: (input) => [
    need("kms:Decrypt", key(input.KeyId ?? keyOfCiphertext(input.CiphertextBlob) ?? "*"), cryptographic(input)),
  ],
  ReEncrypt: (input) => [
    need(
      "kms:ReEncryptFrom",
      key(input.SourceKeyId ?? keyOfCiphertext(input.CiphertextBlob) ?? "*"),
      cryptographic({ ...input, EncryptionContext: input.SourceEncryptionContext }),
    ),
    need(
      "kms:ReEncryptTo",
      key(input.DestinationKeyId),
      cryptographic({ ...input, EncryptionContext: input.DestinationEncryptionContext }),
    ),
  ],
  ...each(
    `DescribeKey EnableKey DisableKey EnableKeyRotation DisableKeyRotation GetKeyRotationStatus ListKeyRotations RotateKeyOnDemand GetKeyPolicy PutKeyPolicy ListKeyPolicies
     ScheduleKeyDeletion CancelKeyDeletion UpdateKeyDescription TagResource UntagResource ListResourceTags RetireGrant GetParametersForImport
     ImportKeyMaterial DeleteImportedKeyMaterial ReplicateKey UpdatePrimaryRegion`,
    (operation) => (input) => [
      need(`kms:${operation}`, input.KeyId === undefined ? "*" : key(input.KeyId), given(requestAlias(input))),
    ],
  ),
  CreateGrant: (input) => [need("kms:CreateGrant", key(input.KeyId), grantContext(input))],
  // Whoever calls KMS himself is no service that acts for a resource of AWS's.
  ...each("ListGrants RevokeGrant", (operation) => (input) => [
    need(`kms:${operation}`, key(input.KeyId), { "kms:GrantIsForAWSResource": "false" }),
  ]),
  ...each("CreateAlias UpdateAlias", (operation) => (input) => [
    need(`kms:${operation}`, alias(input)),
    need(`kms:${operation}`, key(input.TargetKeyId)),
  ]),
  DeleteAlias: (input) => [need("kms:DeleteAlias", alias(input))],
};
