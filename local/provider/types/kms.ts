import type { Members } from "../../members";
import type { ResourceType } from "../resource-type";

/** Days a key waits for its deletion when nothing else is said (KMS API). */
const deletionWindowDays = 30;

export const kms: readonly ResourceType[] = [
  {
    token: "aws:kms/key:Key",
    service: "kms",
    title: "KMS Key",
    rename: { customerMasterKeySpec: "KeySpec" },
    local: ["deletionWindowInDays", "isEnabled", "enableKeyRotation", "rotationPeriodInDays"],
    replace: ["customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"],
    create: [
      { operation: "CreateKey" },
      {
        operation: "EnableKeyRotation",
        only: [],
        if: ({ inputs }) => inputs.enableKeyRotation === true,
        request: ({ id, inputs }) => ({ KeyId: id, RotationPeriodInDays: inputs.rotationPeriodInDays }),
      },
      {
        operation: "DisableKey",
        only: [],
        if: ({ inputs }) => inputs.isEnabled === false,
        request: ({ id }) => ({ KeyId: id }),
      },
    ],
    update: [
      {
        operation: "EnableKey",
        only: [],
        when: ["isEnabled"],
        if: ({ inputs }) => inputs.isEnabled !== false,
        request: ({ id }) => ({ KeyId: id }),
      },
      {
        operation: "EnableKeyRotation",
        only: [],
        when: ["enableKeyRotation", "rotationPeriodInDays"],
        if: ({ inputs }) => inputs.enableKeyRotation === true,
        request: ({ id, inputs }) => ({ KeyId: id, RotationPeriodInDays: inputs.rotationPeriodInDays }),
      },
      {
        operation: "DisableKeyRotation",
        only: [],
        when: ["enableKeyRotation"],
        if: ({ inputs }) => inputs.enableKeyRotation !== true,
        request: ({ id }) => ({ KeyId: id }),
      },
      {
        operation: "UpdateKeyDescription",
        only: ["description"],
        when: ["description"],
        request: ({ id, inputs }) => ({ KeyId: id, Description: inputs.description ?? "" }),
      },
      {
        operation: "PutKeyPolicy",
        only: ["policy", "bypassPolicyLockoutSafetyCheck"],
        when: ["policy"],
        request: ({ id }) => ({ KeyId: id, PolicyName: "default" }),
      },
      {
        operation: "DisableKey",
        only: [],
        when: ["isEnabled"],
        if: ({ inputs }) => inputs.isEnabled === false,
        request: ({ id }) => ({ KeyId: id }),
      },
    ],
    read: {
      operation: "DescribeKey",
      only: [],
      request: ({ id }) => ({ KeyId: id }),
      // A key that waits for its deletion counts as gone.
      result: ({ KeyMetadata: key }) => (key?.KeyState === "PendingDeletion" ? undefined : key),
    },
    delete: [
      {
        operation: "ScheduleKeyDeletion",
        only: [],
        request: ({ id, inputs }) => ({
          KeyId: id,
          PendingWindowInDays: inputs.deletionWindowInDays ?? deletionWindowDays,
        }),
      },
    ],
    id: (answer) => String(answer.KeyMetadata?.KeyId),
    fromId: () => ({}),
    outputs: (answer) => {
      const key = (answer.KeyMetadata ?? answer) as Members;
      return { arn: key.Arn, keyId: key.KeyId };
    },
    tags: { add: "TagResource", remove: "UntagResource", identity: ({ id }) => ({ KeyId: id }) },
  },
  {
    token: "aws:kms/alias:Alias",
    service: "kms",
    title: "KMS Alias",
    name: { property: "name", limit: 256, prefix: "alias/" },
    rename: { name: "AliasName" },
    local: ["namePrefix"],
    replace: ["name"],
    create: [{ operation: "CreateAlias" }],
    update: [{ operation: "UpdateAlias" }],
    read: {
      operation: "ListAliases",
      only: [],
      result: (answer, { id }) => ((answer.Aliases ?? []) as Members[]).find(({ AliasName }) => AliasName === id),
    },
    delete: [{ operation: "DeleteAlias" }],
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (_answer, { inputs, session }) => {
      const key = String(inputs.targetKeyId);
      return {
        arn: session.arn("kms", String(inputs.name)),
        targetKeyArn: key.startsWith("arn:") ? key : session.arn("kms", `key/${key}`),
      };
    },
    check: (inputs): Record<string, string> =>
      String(inputs.name).startsWith("alias/")
        ? {}
        : {
            name: `"name" must begin with 'alias/' and be comprised of only [a-zA-Z0-9/_-], got ${String(inputs.name)}`,
          },
  },
];
