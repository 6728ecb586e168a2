import type { Members } from "../../members";
import type { Context, ResourceType } from "../resource-type";

const tags = {
  add: "AddTags",
  remove: "DeleteTags",
  identity: ({ state }: Context): Members => ({ ResourceArn: state.arn }),
};
const ready = {
  member: "Status",
  until: ["InService"],
  failed: ["Failed", "Update_Failed", "Delete_Failed"],
  reason: "FailureReason",
};

/** Terraform writes some members in a spelling of its own. */
const settings = {
  "*.sagemakerImageArn": "SageMakerImageArn",
  "*.sagemakerImageVersionArn": "SageMakerImageVersionArn",
  "*.sagemakerImageVersionAlias": "SageMakerImageVersionAlias",
};

const inDomain = ({ inputs }: Context, member: string, input: string): Members => ({
  DomainId: inputs.domainId,
  [member]: inputs[input],
});

/** SageMaker Studio. Name limits: SageMaker API reference. */
export const studio: readonly ResourceType[] = [
  {
    token: "aws:sagemaker/domain:Domain",
    service: "sagemaker",
    title: "SageMaker Domain",
    name: { property: "domainName", limit: 63, required: true },
    rename: { ...settings, retentionPolicy: null },
    local: ["retentionPolicy"],
    replace: ["domainName", "authMode", "vpcId", "kmsKeyId"],
    create: [{ operation: "CreateDomain" }],
    update: [
      // TagPropagation goes alone: the service refuses it beside other members.
      {
        operation: "UpdateDomain",
        only: ["tagPropagation"],
        when: ["tagPropagation"],
        request: ({ id }) => ({ DomainId: id }),
      },
      {
        operation: "UpdateDomain",
        rename: { domainSettings: "DomainSettingsForUpdate" },
        only: [
          "appNetworkAccessType",
          "appSecurityGroupManagement",
          "defaultSpaceSettings",
          "defaultUserSettings",
          "domainSettings",
          "subnetIds",
        ],
        when: [
          "appNetworkAccessType",
          "appSecurityGroupManagement",
          "defaultSpaceSettings",
          "defaultUserSettings",
          "domainSettings",
          "subnetIds",
        ],
        request: ({ id }) => ({ DomainId: id }),
      },
    ],
    read: { operation: "DescribeDomain", only: [], request: ({ id }) => ({ DomainId: id }) },
    delete: [
      {
        operation: "DeleteDomain",
        only: [],
        request: ({ id, inputs }) => {
          const kept = (inputs.retentionPolicy as Members | undefined)?.homeEfsFileSystem as string | undefined;
          return { DomainId: id, ...(kept ? { RetentionPolicy: { HomeEfsFileSystem: kept } } : {}) };
        },
      },
    ],
    id: (answer) => String(answer.DomainId),
    fromId: () => ({}),
    outputs: (answer) => ({
      arn: answer.DomainArn,
      url: answer.Url,
      homeEfsFileSystemId: answer.HomeEfsFileSystemId,
      securityGroupIdForDomainBoundary: answer.SecurityGroupIdForDomainBoundary ?? "",
      singleSignOnApplicationArn: answer.SingleSignOnApplicationArn ?? "",
      singleSignOnManagedApplicationInstanceId: answer.SingleSignOnManagedApplicationInstanceId ?? "",
    }),
    wait: { ...ready, timeoutMinutes: 30 },
    waitDeleted: { timeoutMinutes: 30 },
    tags,
  },
  {
    token: "aws:sagemaker/userProfile:UserProfile",
    service: "sagemaker",
    title: "SageMaker User Profile",
    name: { property: "userProfileName", limit: 63, required: true },
    rename: settings,
    replace: ["domainId", "userProfileName", "singleSignOnUserIdentifier", "singleSignOnUserValue"],
    create: [{ operation: "CreateUserProfile" }],
    update: [
      { operation: "UpdateUserProfile", only: ["domainId", "userProfileName", "userSettings"], when: ["userSettings"] },
    ],
    read: {
      operation: "DescribeUserProfile",
      only: [],
      request: (context) => inDomain(context, "UserProfileName", "userProfileName"),
    },
    delete: [
      {
        operation: "DeleteUserProfile",
        only: [],
        request: (context) => inDomain(context, "UserProfileName", "userProfileName"),
      },
    ],
    id: (answer, { state }) => String(answer.UserProfileArn ?? state.arn),
    outputs: (answer) => ({ arn: answer.UserProfileArn, homeEfsFileSystemUid: answer.HomeEfsFileSystemUid }),
    wait: { ...ready, timeoutMinutes: 10 },
    waitDeleted: { timeoutMinutes: 10 },
    tags,
  },
  {
    token: "aws:sagemaker/space:Space",
    service: "sagemaker",
    title: "SageMaker Space",
    name: { property: "spaceName", limit: 63, required: true },
    rename: { ...settings, "spaceSettings.customFileSystems.efsFileSystem": "EFSFileSystem" },
    replace: ["domainId", "spaceName", "ownershipSettings", "spaceSharingSettings"],
    create: [{ operation: "CreateSpace" }],
    update: [
      {
        operation: "UpdateSpace",
        only: ["domainId", "spaceName", "spaceSettings", "spaceDisplayName"],
        when: ["spaceSettings", "spaceDisplayName"],
      },
    ],
    read: { operation: "DescribeSpace", only: [], request: (context) => inDomain(context, "SpaceName", "spaceName") },
    delete: [{ operation: "DeleteSpace", only: [], request: (context) => inDomain(context, "SpaceName", "spaceName") }],
    id: (answer, { state }) => String(answer.SpaceArn ?? state.arn),
    outputs: (answer) => ({ arn: answer.SpaceArn, homeEfsFileSystemUid: answer.HomeEfsFileSystemUid, url: answer.Url }),
    wait: { ...ready, timeoutMinutes: 10 },
    waitDeleted: { timeoutMinutes: 10 },
    tags,
  },
  {
    token: "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig",
    service: "sagemaker",
    title: "SageMaker Studio Lifecycle Config",
    name: { property: "studioLifecycleConfigName", limit: 63, required: true },
    replace: "all",
    create: [{ operation: "CreateStudioLifecycleConfig" }],
    read: { operation: "DescribeStudioLifecycleConfig", only: ["studioLifecycleConfigName"] },
    delete: [{ operation: "DeleteStudioLifecycleConfig", only: ["studioLifecycleConfigName"] }],
    id: (_answer, { inputs }) => String(inputs.studioLifecycleConfigName),
    outputs: (answer) => ({ arn: answer.StudioLifecycleConfigArn }),
    tags,
  },
];
