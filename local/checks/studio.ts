import { check } from "./check";

const deletion = { code: "ResourceInUse", ground: "words believed" } as const;

/** Studio: SageMaker API; its words of refusal are ours but where a public failure shows them. */
export const studioChecks = {
  domainRole: check({
    operations: ["sagemaker:CreateDomain"],
    rule: "a domain signed on to by IAM has an execution role for its users",
    ground: "words believed",
    names: [],
    words: () => "DefaultUserSettings.ExecutionRole is required.",
  }),
  domainNetwork: check({
    operations: ["sagemaker:CreateDomain"],
    rule: "a domain has a VPC and subnets",
    ground: "words believed",
    names: [],
    words: () => "VpcId and SubnetIds are required.",
  }),
  tagPropagation: check({
    operations: ["sagemaker:UpdateDomain"],
    rule: "`TagPropagation` changes alone",
    ground: "words believed",
    names: [],
    words: () => "TagPropagation cannot be changed together with other settings.",
  }),
  emptyDomain: check({
    operations: ["sagemaker:DeleteDomain"],
    ...deletion,
    rule: "the domain has no apps, spaces and profiles",
    names: ["domain", "kind"],
    words: (id, kind) => `Unable to delete Domain ${id} because ${kind}(s) are associated with it.`,
  }),
  presignedByIam: check({
    operations: ["sagemaker:CreatePresignedDomainUrl"],
    rule: "the domain is signed on to by IAM",
    ground: "words believed",
    names: [],
    words: () => "CreatePresignedDomainUrl is not supported for Domains with AuthMode SSO.",
  }),
  signOnGiven: check({
    operations: ["sagemaker:CreateUserProfile"],
    rule: "in a domain of IAM Identity Center a profile names its user",
    ground: "words believed",
    names: [],
    words: () => "SingleSignOnUserIdentifier and SingleSignOnUserValue are required for Domains with AuthMode SSO.",
  }),
  signOnLeftOut: check({
    operations: ["sagemaker:CreateUserProfile"],
    rule: "in a domain of IAM it names none",
    ground: "words believed",
    names: [],
    words: () =>
      "SingleSignOnUserIdentifier and SingleSignOnUserValue are not supported for Domains with AuthMode IAM.",
  }),
  ownerAndSharing: check({
    operations: ["sagemaker:CreateSpace"],
    rule: "owner and sharing of a space are given together",
    ground: "words believed",
    names: [],
    words: () => "OwnershipSettings and SpaceSharingSettings must be specified together.",
  }),
  noApps: check({
    operations: ["sagemaker:DeleteUserProfile", "sagemaker:DeleteSpace"],
    ...deletion,
    rule: "it has no apps",
    names: ["what"],
    words: (what) => `Unable to delete ${what} because App(s) are associated with it.`,
  }),
  noSpaces: check({
    operations: ["sagemaker:DeleteUserProfile"],
    ...deletion,
    rule: "the profile owns no spaces",
    names: ["what"],
    words: (what) => `Unable to delete ${what} because Space(s) are associated with it.`,
  }),
  appOf: check({
    operations: ["sagemaker:CreateApp"],
    rule: "an app is of a profile or of a space",
    ground: "words believed",
    names: [],
    words: () => "Exactly one of UserProfileName and SpaceName must be specified.",
  }),
  appWays: check({
    operations: ["sagemaker:CreateApp"],
    code: "FailureReason",
    rule: "in a domain in mode `VpcOnly`, S3, `sagemaker.api`, `sagemaker.runtime` and `studio` are reached from its subnets",
    ground: "believed",
    names: ["service", "cause"],
    words: (service, cause) =>
      `The app could not reach ${service} from its VPC: ${cause}. Please ensure that the VPC has an endpoint for it or a NAT gateway, and that the security groups allow HTTPS.`,
  }),
  lifecycleUnused: check({
    operations: ["sagemaker:DeleteStudioLifecycleConfig"],
    ...deletion,
    rule: "no domain, profile or space names it",
    names: ["configuration"],
    words: (arn) => `Studio Lifecycle Config ${arn} is in use.`,
  }),
};
