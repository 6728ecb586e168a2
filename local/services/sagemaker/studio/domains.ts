import { randomBytes } from "node:crypto";
import type { Call } from "../../../call";
import type { Members } from "../../../members";
import type { Handler } from "../../../operation";
import { AwsError } from "../../../errors";
import { ensureLinkedRole } from "../../iam/roles";
import { page } from "../../pages";
import { date } from "../listing";
import { makeNfsGroups } from "./nfs-groups";
import { fileSystemUid, randomId, type StudioRecord, type StudioStore } from "./store";
import { studioChecks } from "../../../checks/studio";

const domainWords = (id: string): string => `Domain with ID ${id}`;

/** CreateDomain and its kin. A domain is in service at once; with it come the ids that AWS makes up. */
export function domainOperations(store: StudioStore): Record<string, Handler> {
  const { cloud } = store;
  const get = (id: string): StudioRecord => store.get("domain", id, domainWords(id));
  const idOf = (record: StudioRecord): string => record.made.DomainId as string;
  return {
    CreateDomain(input: Members, call: Call) {
      const taken = store.all("domain").find(({ given }) => given.DomainName === input.DomainName);
      if (taken)
        throw new AwsError("ResourceInUse", `Domain with name ${input.DomainName} already exists: ${taken.arn}`);
      if (input.AuthMode === "IAM" && !input.DefaultUserSettings?.ExecutionRole) throw studioChecks.domainRole();
      if (!input.VpcId || !input.SubnetIds?.length) throw studioChecks.domainNetwork();
      ensureLinkedRole(cloud, "sagemaker.amazonaws.com");
      const id = `d-${randomId(12)}`;
      const [vpcId, subnetIds] = [String(input.VpcId), input.SubnetIds as string[]];
      const inbound = makeNfsGroups(cloud, id, vpcId);
      const tags = { ManagedByAmazonSageMakerResource: store.arn("domain", id) };
      const made = {
        DomainId: id,
        HomeEfsFileSystemId: store.files.make({
          creationToken: id,
          keyArn: input.KmsKeyId,
          tags,
          vpcId,
          subnetIds,
          groups: [inbound],
        }),
        Url: `https://${id}.studio.${cloud.region}.sagemaker.aws`,
        ...(input.AuthMode === "SSO"
          ? {
              SingleSignOnApplicationArn: `arn:aws:sso::${cloud.accountId}:application/sagemaker/apl-${randomBytes(8).toString("hex")}`,
            }
          : {}),
      };
      const { arn } = store.add("domain", id, input, made, call.now);
      return { DomainArn: arn, DomainId: id, Url: made.Url };
    },
    DescribeDomain(input: Members) {
      const record = get(input.DomainId);
      return {
        AppNetworkAccessType: "PublicInternetOnly",
        TagPropagation: "DISABLED",
        ...record.given,
        ...record.made,
        DomainArn: record.arn,
        Status: "InService",
        ...(record.given.KmsKeyId ? { HomeEfsFileSystemKmsKeyId: record.given.KmsKeyId } : {}),
        CreationTime: date(record.createdMs),
        LastModifiedTime: date(record.modifiedMs),
      };
    },
    UpdateDomain(input: Members, call: Call) {
      const { DomainId: id, DomainSettingsForUpdate: settings, ...changes } = input;
      const record = get(id);
      // SageMaker API, TagPropagation: to change it, no other member may be in the request.
      const changed = Object.keys(changes).filter((name) => changes[name] !== undefined && name !== "TagPropagation");
      if (
        changes.TagPropagation !== undefined &&
        changes.TagPropagation !== (record.given.TagPropagation ?? "DISABLED") &&
        (changed.length > 0 || settings)
      )
        throw studioChecks.tagPropagation();
      store.change(
        "domain",
        id,
        { ...changes, ...(settings ? { DomainSettings: { ...record.given.DomainSettings, ...settings } } : {}) },
        call.now,
      );
      return { DomainArn: record.arn };
    },
    ListDomains(input: Members) {
      const { items, next } = page(store.all("domain"), input.NextToken, input.MaxResults ?? 10);
      return {
        Domains: items.map((record) => ({
          DomainArn: record.arn,
          DomainId: idOf(record),
          DomainName: record.given.DomainName,
          Status: "InService",
          CreationTime: date(record.createdMs),
          LastModifiedTime: date(record.modifiedMs),
          Url: record.made.Url,
        })),
        NextToken: next,
      };
    },
    DeleteDomain(input: Members) {
      const record = get(input.DomainId);
      for (const [kind, what] of [
        ["app", "App"],
        ["space", "Space"],
        ["user-profile", "UserProfile"],
      ] as const)
        if (store.all(kind).some(({ given }) => given.DomainId === input.DomainId))
          throw studioChecks.emptyDomain(input.DomainId, what);
      // Retain is the default (SageMaker API, RetentionPolicy): the file system stays with its mount targets, which
      // keep the network in use.
      if (input.RetentionPolicy?.HomeEfsFileSystem === "Delete")
        store.files.drop(record.made.HomeEfsFileSystemId as string);
      store.drop("domain", input.DomainId);
      return {};
    },
    CreatePresignedDomainUrl(input: Members) {
      const domain = get(input.DomainId);
      if (domain.given.AuthMode === "SSO") throw studioChecks.presignedByIam();
      const profile = `${input.DomainId}/${input.UserProfileName}`;
      store.get("user-profile", profile, `UserProfile ${input.UserProfileName} in ${domainWords(input.DomainId)}`);
      if (input.SpaceName)
        store.get(
          "space",
          `${input.DomainId}/${input.SpaceName}`,
          `Space ${input.SpaceName} in ${domainWords(input.DomainId)}`,
        );
      return { AuthorizedUrl: `${domain.made.Url}/auth?token=${randomBytes(48).toString("base64url")}` };
    },
  };
}

/**
 * What profiles and spaces share: they hang on a domain, have a user id on its file system, and may not be deleted
 * while something hangs on them.
 */
export function memberOperations(store: StudioStore): Record<string, Handler> {
  return { ...membersOf(store, "UserProfile", "user-profile"), ...membersOf(store, "Space", "space") };
}

function membersOf(
  store: StudioStore,
  noun: "UserProfile" | "Space",
  kind: "user-profile" | "space",
): Record<string, Handler> {
  const nameMember = `${noun}Name`;
  const keyOf = (input: Members): string => `${input.DomainId}/${input[nameMember]}`;
  const words = (input: Members): string => `${noun} ${input[nameMember]} in ${domainWords(input.DomainId)}`;
  const get = (input: Members): StudioRecord => store.get(kind, keyOf(input), words(input));
  const urlOf = (input: Members): Members =>
    noun === "Space"
      ? {
          Url: `https://${input.DomainId}.studio.${store.cloud.region}.sagemaker.aws/jupyterlab/default/space/${input.SpaceName}`,
        }
      : {};
  return {
    [`Create${noun}`](input: Members, call: Call) {
      const domain = store.get("domain", input.DomainId, domainWords(input.DomainId));
      if (store.find(kind, keyOf(input))) throw new AwsError("ResourceInUse", `${words(input)} already exists.`);
      if (noun === "UserProfile") checkSignOn(domain, input);
      else checkOwner(store, input);
      const arn = store.arn(kind, keyOf(input));
      store.add(kind, keyOf(input), input, { HomeEfsFileSystemUid: fileSystemUid(arn), ...urlOf(input) }, call.now);
      return { [`${noun}Arn`]: arn };
    },
    [`Describe${noun}`](input: Members) {
      const record = get(input);
      return {
        ...record.given,
        ...record.made,
        [`${noun}Arn`]: record.arn,
        Status: "InService",
        CreationTime: date(record.createdMs),
        LastModifiedTime: date(record.modifiedMs),
      };
    },
    [`Update${noun}`](input: Members, call: Call) {
      const { arn } = get(input);
      store.change(kind, keyOf(input), input, call.now);
      return { [`${noun}Arn`]: arn };
    },
    [`Delete${noun}`](input: Members) {
      get(input);
      const holds = (record: StudioRecord): boolean =>
        record.given.DomainId === input.DomainId && record.given[nameMember] === input[nameMember];
      if (store.all("app").some(holds)) throw studioChecks.noApps(words(input));
      const owned = store
        .all("space")
        .some(
          ({ given }) =>
            given.DomainId === input.DomainId && given.OwnershipSettings?.OwnerUserProfileName === input[nameMember],
        );
      if (noun === "UserProfile" && owned) throw studioChecks.noSpaces(words(input));
      store.drop(kind, keyOf(input));
      return {};
    },
    [`List${noun}s`](input: Members) {
      const rows = store
        .all(kind)
        .filter(
          ({ given }) =>
            (!input.DomainIdEquals || given.DomainId === input.DomainIdEquals) &&
            String(given[nameMember]).includes(input[`${nameMember}Contains`] ?? ""),
        );
      const { items, next } = page(rows, input.NextToken, input.MaxResults ?? 10);
      return { [`${noun}s`]: items.map((record) => summary(record, nameMember)), NextToken: next };
    },
  };
}

function summary({ given, createdMs, modifiedMs }: StudioRecord, nameMember: string): Members {
  const {
    SpaceSettings: settings,
    OwnershipSettings: owner,
    SpaceSharingSettings: sharing,
    SpaceDisplayName: shown,
  } = given;
  return {
    DomainId: given.DomainId,
    [nameMember]: given[nameMember],
    Status: "InService",
    CreationTime: date(createdMs),
    LastModifiedTime: date(modifiedMs),
    ...(settings
      ? { SpaceSettingsSummary: { AppType: settings.AppType, SpaceStorageSettings: settings.SpaceStorageSettings } }
      : {}),
    ...(owner ? { OwnershipSettingsSummary: owner } : {}),
    ...(sharing ? { SpaceSharingSettingsSummary: sharing } : {}),
    ...(shown ? { SpaceDisplayName: shown } : {}),
  };
}

/** SageMaker API, CreateUserProfile: both members in SSO mode, neither in IAM mode. */
function checkSignOn(domain: StudioRecord, input: Members): void {
  const given = [input.SingleSignOnUserIdentifier, input.SingleSignOnUserValue].filter(Boolean).length;
  if (domain.given.AuthMode === "SSO" && given < 2) throw studioChecks.signOnGiven();
  if (domain.given.AuthMode === "IAM" && given > 0) throw studioChecks.signOnLeftOut();
}

/**
 * A private space has an owner, who must have a profile; owner and sharing are given together (SageMaker API,
 * CreateSpace).
 */
function checkOwner(store: StudioStore, input: Members): void {
  const owner = input.OwnershipSettings?.OwnerUserProfileName;
  if ((owner === undefined) !== (input.SpaceSharingSettings === undefined)) throw studioChecks.ownerAndSharing();
  if (owner !== undefined)
    store.get("user-profile", `${input.DomainId}/${owner}`, `UserProfile ${owner} in ${domainWords(input.DomainId)}`);
}
