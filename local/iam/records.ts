import type { Cloud } from "../cloud";
import type { Journal, Table } from "../journal";
import { Propagation, type Seen } from "../propagation";

export type Tags = Readonly<Record<string, string>>;

/** What roles, users and groups have in common: they carry policies. */
export interface PolicyHolder {
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  /** `AROA…`, `AIDA…`, `AGPA…`: a name that was deleted and made again has a new id. */
  readonly id: string;
  readonly createdMs: number;
  /** Inline policies by name, text as it was given. */
  readonly inline: Readonly<Record<string, string>>;
  /** ARNs of attached managed policies, in order of attachment. */
  readonly attached: readonly string[];
  readonly tags: Tags;
  /** ARN of the managed policy that is the permissions boundary. */
  readonly boundary?: string;
}

export interface RoleRecord extends PolicyHolder {
  readonly trust: string;
  readonly description?: string;
  readonly maxSessionSeconds: number;
  /** The service a service-linked role belongs to. */
  readonly linkedTo?: string;
}

export interface UserRecord extends PolicyHolder {
  readonly groups: readonly string[];
  /** Made with the account: its administrator and its people. */
  readonly bootstrap?: boolean;
}

export type GroupRecord = PolicyHolder;

export interface ManagedPolicyRecord {
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly id: string;
  readonly description?: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly defaultVersion: string;
  readonly versions: readonly PolicyVersionRecord[];
  /** Number of the next version: numbers are never used again. */
  readonly nextVersion: number;
  readonly tags: Tags;
}

export interface PolicyVersionRecord {
  readonly id: string;
  readonly document: string;
  readonly createdMs: number;
}

export interface AccessKeyRecord {
  readonly id: string;
  readonly secret: string;
  readonly userName: string;
  readonly active: boolean;
  readonly createdMs: number;
}

export interface InstanceProfileRecord {
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly id: string;
  readonly createdMs: number;
  readonly roles: readonly string[];
  readonly tags: Tags;
}

export interface OidcProviderRecord {
  readonly arn: string;
  /** Host and path without `https://`. */
  readonly url: string;
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
  readonly createdMs: number;
  readonly tags: Tags;
}

/** What policies are collected from. */
export interface PolicyRecords {
  readonly roles: Seen<RoleRecord>;
  readonly users: Seen<UserRecord>;
  readonly groups: Seen<GroupRecord>;
  readonly policies: Seen<ManagedPolicyRecord>;
  readonly serviceControl: Seen<Readonly<Record<string, string>>>;
}

/** IAM's state: shared by the IAM service, STS and the authoriser. */
export class IamRecords implements PolicyRecords {
  /** What requests are decided by: IAM's API answers what was written, decisions follow some seconds later. */
  readonly seen: PolicyRecords;
  private readonly propagation: Propagation;
  readonly roles: Table<RoleRecord>;
  readonly users: Table<UserRecord>;
  readonly groups: Table<GroupRecord>;
  readonly policies: Table<ManagedPolicyRecord>;
  readonly accessKeys: Table<AccessKeyRecord>;
  readonly instanceProfiles: Table<InstanceProfileRecord>;
  readonly oidcProviders: Table<OidcProviderRecord>;
  /** Service control policies over the account, by name; one row a level, `0` the organisation's root. */
  readonly serviceControl: Table<Readonly<Record<string, string>>>;
  /** One row, `alias`: an account has at most one. */
  readonly account: Table<string>;

  constructor(journal: Journal, propagation: Propagation) {
    this.propagation = propagation;
    const follow = <T>(name: string) => propagation.follow(journal.table<T>(`iam/${name}`));
    const roles = follow<RoleRecord>("roles");
    const users = follow<UserRecord>("users");
    const groups = follow<GroupRecord>("groups");
    const policies = follow<ManagedPolicyRecord>("policies");
    const serviceControl = follow<Readonly<Record<string, string>>>("service-control");
    this.roles = roles.table;
    this.users = users.table;
    this.groups = groups.table;
    this.policies = policies.table;
    this.serviceControl = serviceControl.table;
    this.seen = {
      roles: roles.seen,
      users: users.seen,
      groups: groups.seen,
      policies: policies.seen,
      serviceControl: serviceControl.seen,
    };
    this.accessKeys = journal.table("iam/access-keys");
    this.instanceProfiles = journal.table("iam/instance-profiles");
    this.oidcProviders = journal.table("iam/oidc-providers");
    this.account = journal.table("iam/account");
  }

  /** Grows with every change that decides, so that what was derived from the records can be kept until then. */
  get revision(): number {
    return this.propagation.revision;
  }

  /** What was written decides at once: it comes with the account. */
  settle(): void {
    this.propagation.settle();
  }
}

const ofCloud = new WeakMap<Cloud, IamRecords>();

/** The IAM records of a cloud; always the same object for the same cloud. */
export function iamRecords(cloud: Cloud): IamRecords {
  let records = ofCloud.get(cloud);
  if (!records)
    ofCloud.set(cloud, (records = new IamRecords(cloud.journal, new Propagation(cloud.clock, cloud.lags.iamMs))));
  return records;
}
