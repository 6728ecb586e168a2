import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { iamRecords, type PolicyHolder } from "../../iam/records";
import { encodeDocument, listed, noSuchEntity, roleShape, userShape, groupShape } from "./answers";
import { quotas } from "./limits";

/** What belongs to the account as a whole: alias, summary, the overview of all entities. */
export function accountOperations(cloud: Cloud): Record<string, Handler> {
  const records = iamRecords(cloud);
  return {
    ListAccountAliases: (input) => listed("AccountAliases", [...records.account.values()], input),
    CreateAccountAlias: (input) => records.account.put("alias", String(input.AccountAlias)),
    DeleteAccountAlias: (input) => {
      if (records.account.get("alias") !== input.AccountAlias)
        throw noSuchEntity(`The account alias with name ${String(input.AccountAlias)} cannot be found.`);
      records.account.delete("alias");
    },
    GetAccountPasswordPolicy: () => {
      throw noSuchEntity(`The Password Policy with domain name ${cloud.accountId} cannot be found.`);
    },
    GetAccountSummary: () => ({ SummaryMap: summary(cloud) }),
    GetAccountAuthorizationDetails: (input) => authorizationDetails(cloud, input),
  };
}

function summary(cloud: Cloud): Record<string, number> {
  const records = iamRecords(cloud);
  return {
    Users: records.users.size,
    UsersQuota: 5000,
    Groups: records.groups.size,
    GroupsQuota: 300,
    Roles: records.roles.size,
    RolesQuota: 1000,
    Policies: records.policies.size,
    PoliciesQuota: 1500,
    PolicySizeQuota: quotas.managedPolicySize,
    PolicyVersionsInUse: [...records.policies.values()].reduce((sum, policy) => sum + policy.versions.length, 0),
    PolicyVersionsInUseQuota: 10_000,
    VersionsPerPolicyQuota: quotas.policyVersions,
    InstanceProfiles: records.instanceProfiles.size,
    InstanceProfilesQuota: 1000,
    AssumeRolePolicySizeQuota: quotas.trustPolicySize,
    UserPolicySizeQuota: quotas.inlinePolicySize.User,
    GroupPolicySizeQuota: quotas.inlinePolicySize.Group,
    AttachedPoliciesPerRoleQuota: quotas.attachedPolicies,
    AttachedPoliciesPerUserQuota: quotas.attachedPolicies,
    AttachedPoliciesPerGroupQuota: quotas.attachedPolicies,
    AccessKeysPerUserQuota: quotas.accessKeys,
    Providers: records.oidcProviders.size,
    MFADevices: 0,
    MFADevicesInUse: 0,
    AccountMFAEnabled: 0,
    AccountAccessKeysPresent: 0,
    ServerCertificates: 0,
  };
}

/** Everything in one page: the local account is small. */
function authorizationDetails(cloud: Cloud, input: Members): Members {
  const records = iamRecords(cloud);
  const wanted = (kind: string): boolean => input.Filter === undefined || (input.Filter as string[]).includes(kind);
  const of = <T extends PolicyHolder>(kind: string, holders: Iterable<T>, shape: (holder: T) => Members): Members[] =>
    wanted(kind) ? [...holders].map((holder) => ({ ...shape(holder), ...policiesOf(kind, holder) })) : [];
  return {
    UserDetailList: of("User", records.users.values(), (user) => ({ ...userShape(user), GroupList: user.groups })),
    GroupDetailList: of("Group", records.groups.values(), groupShape),
    RoleDetailList: of("Role", records.roles.values(), (role) => ({ ...roleShape(role), InstanceProfileList: [] })),
    Policies: wanted("LocalManagedPolicy")
      ? [...records.policies.values()].map((policy) => ({
          PolicyName: policy.name,
          PolicyId: policy.id,
          Arn: policy.arn,
          Path: policy.path,
          DefaultVersionId: policy.defaultVersion,
          PolicyVersionList: policy.versions.map(({ id, document, createdMs }) => ({
            VersionId: id,
            IsDefaultVersion: id === policy.defaultVersion,
            Document: encodeDocument(document),
            CreateDate: new Date(createdMs),
          })),
        }))
      : [],
    IsTruncated: false,
  };
}

function policiesOf(kind: string, holder: PolicyHolder): Members {
  return {
    [`${kind}PolicyList`]: Object.entries(holder.inline).map(([PolicyName, text]) => ({
      PolicyName,
      PolicyDocument: encodeDocument(text),
    })),
    AttachedManagedPolicies: holder.attached.map((arn) => ({
      PolicyName: arn.slice(arn.lastIndexOf("/") + 1),
      PolicyArn: arn,
    })),
  };
}
