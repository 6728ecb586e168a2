import type { Cloud } from "../../cloud";
import type { InventoryItem, Service } from "../../service";
import { iamRecords, type IamRecords, type Tags } from "../../iam/records";
import { accountOperations } from "./account";
import { holderOperations, kindsOf } from "./holders";
import { createPermissions } from "./permissions";
import { policyOperations } from "./policies";
import { instanceProfileOperations, oidcOperations } from "./providers";
import { roleOperations } from "./roles";
import { simulationOperations } from "./simulate";
import { userOperations } from "./users";

/** IAM: roles, users, groups, policies, providers and the policy simulator. */
export function createIam(cloud: Cloud): Service {
  const records = iamRecords(cloud);
  const kinds = kindsOf(records);
  return {
    id: "iam",
    operations: {
      ...holderOperations(records, kinds.Role),
      ...holderOperations(records, kinds.User),
      ...holderOperations(records, kinds.Group),
      ...roleOperations(cloud),
      ...userOperations(cloud),
      ...policyOperations(cloud),
      ...oidcOperations(cloud),
      ...instanceProfileOperations(cloud),
      ...accountOperations(cloud),
      ...simulationOperations(cloud),
    },
    permissions: createPermissions(cloud),
    tagsOf: (arn) => tagsOf(records, arn),
    inventory: () => inventory(records),
  };
}

function tagsOf(records: IamRecords, arn: string): Tags | undefined {
  const [, kind] = /^arn:[^:]*:iam::\d*:([a-z-]+)\//.exec(arn) ?? [];
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  const found =
    kind === "role"
      ? records.roles.get(name)
      : kind === "user"
        ? records.users.get(name)
        : kind === "policy"
          ? records.policies.get(arn)
          : kind === "instance-profile"
            ? records.instanceProfiles.get(name)
            : kind === "oidc-provider"
              ? records.oidcProviders.get(arn)
              : undefined;
  return found?.arn === arn ? found.tags : undefined;
}

/** What someone made: the users that bootstrap made and service-linked roles stay with the account. */
function inventory(records: IamRecords): InventoryItem[] {
  const of = (type: string, items: Iterable<{ arn: string }>): InventoryItem[] =>
    [...items].map(({ arn }) => ({ arn, type }));
  return [
    ...of(
      "AWS::IAM::Role",
      [...records.roles.values()].filter((role) => !role.linkedTo),
    ),
    ...of(
      "AWS::IAM::User",
      [...records.users.values()].filter((user) => !user.bootstrap),
    ),
    ...of("AWS::IAM::Group", records.groups.values()),
    ...of("AWS::IAM::ManagedPolicy", records.policies.values()),
    ...of("AWS::IAM::InstanceProfile", records.instanceProfiles.values()),
    ...of("AWS::IAM::OIDCProvider", records.oidcProviders.values()),
  ];
}
