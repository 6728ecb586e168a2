import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { uniqueId } from "../../iam/ids";
import { iamRecords, type InstanceProfileRecord, type OidcProviderRecord } from "../../iam/records";
import {
  alreadyExists,
  instanceProfileShape,
  limitExceeded,
  listed,
  noSuchEntity,
  tagList,
  tagsFrom,
  underPath,
} from "./answers";
import { checkNameFree, find } from "./holders";
import { checkTags } from "./limits";

/** OpenID Connect providers: who may bring web identities (CI systems). */
export function oidcOperations(cloud: Cloud): Record<string, Handler> {
  const { oidcProviders } = iamRecords(cloud);
  const get = (input: Members): OidcProviderRecord => {
    const found = oidcProviders.get(String(input.OpenIDConnectProviderArn));
    if (!found)
      throw noSuchEntity(`OpenIDConnect Provider not found for arn ${String(input.OpenIDConnectProviderArn)}`);
    return found;
  };
  const change = (input: Members, changes: Partial<OidcProviderRecord>): void =>
    oidcProviders.put(get(input).arn, { ...get(input), ...changes });
  return {
    CreateOpenIDConnectProvider: (input) => {
      const url = String(input.Url);
      if (!/^https:\/\/[^/?#]+/.test(url))
        throw new AwsError("ValidationError", "Invalid Open ID Connect Provider URL");
      const host = url.replace(/^https:\/\//, "").replace(/\/$/, "");
      const arn = `arn:aws:iam::${cloud.accountId}:oidc-provider/${host}`;
      if (oidcProviders.has(arn)) throw alreadyExists(`Provider with url ${url} already exists.`);
      const tags = tagsFrom(input.Tags);
      checkTags(tags, "OpenIDConnectProvider");
      const clientIds = (input.ClientIDList as string[] | undefined) ?? [];
      oidcProviders.put(arn, {
        arn,
        url: host,
        clientIds,
        thumbprints: (input.ThumbprintList as string[] | undefined) ?? [],
        createdMs: cloud.clock.nowMs(),
        tags,
      });
      return { OpenIDConnectProviderArn: arn, Tags: tagList(tags) };
    },
    GetOpenIDConnectProvider: (input) => {
      const { url, clientIds, thumbprints, createdMs, tags } = get(input);
      return {
        Url: url,
        ClientIDList: clientIds,
        ThumbprintList: thumbprints,
        CreateDate: new Date(createdMs),
        Tags: tagList(tags),
      };
    },
    ListOpenIDConnectProviders: () => ({
      OpenIDConnectProviderList: [...oidcProviders.values()].map(({ arn }) => ({ Arn: arn })),
    }),
    // Deleting what is not there is no error (IAM API).
    DeleteOpenIDConnectProvider: (input) => void oidcProviders.delete(String(input.OpenIDConnectProviderArn)),
    UpdateOpenIDConnectProviderThumbprint: (input) => change(input, { thumbprints: input.ThumbprintList as string[] }),
    AddClientIDToOpenIDConnectProvider: (input) =>
      change(input, { clientIds: [...new Set([...get(input).clientIds, String(input.ClientID)])] }),
    RemoveClientIDFromOpenIDConnectProvider: (input) =>
      change(input, { clientIds: get(input).clientIds.filter((id) => id !== input.ClientID) }),
    TagOpenIDConnectProvider: (input) => change(input, { tags: { ...get(input).tags, ...tagsFrom(input.Tags) } }),
    UntagOpenIDConnectProvider: (input) => {
      const gone = new Set(input.TagKeys as string[]);
      change(input, { tags: Object.fromEntries(Object.entries(get(input).tags).filter(([key]) => !gone.has(key))) });
    },
    ListOpenIDConnectProviderTags: (input) => listed("Tags", tagList(get(input).tags), input),
  };
}

/** Instance profiles: a role under another name, for EC2. */
export function instanceProfileOperations(cloud: Cloud): Record<string, Handler> {
  const records = iamRecords(cloud);
  const { instanceProfiles: profiles } = records;
  const get = (input: Members): InstanceProfileRecord => {
    const found = profiles.get(String(input.InstanceProfileName));
    if (!found) throw noSuchEntity(`Instance Profile ${String(input.InstanceProfileName)} cannot be found.`);
    return found;
  };
  const shape = (profile: InstanceProfileRecord): Members =>
    instanceProfileShape(
      profile,
      profile.roles.flatMap((name) => records.roles.get(name) ?? []),
    );
  return {
    CreateInstanceProfile: (input) => {
      const [name, path] = [String(input.InstanceProfileName), String(input.Path ?? "/")];
      checkNameFree(profiles, "Instance Profile", name);
      const tags = tagsFrom(input.Tags);
      checkTags(tags, "InstanceProfile");
      const arn = `arn:aws:iam::${cloud.accountId}:instance-profile${path}${name}`;
      const created = { name, path, arn, id: uniqueId("AIPA"), createdMs: cloud.clock.nowMs(), roles: [], tags };
      profiles.put(name, created);
      return { InstanceProfile: shape(created) };
    },
    GetInstanceProfile: (input) => ({ InstanceProfile: shape(get(input)) }),
    ListInstanceProfiles: (input) =>
      listed("InstanceProfiles", underPath(profiles.values(), input.PathPrefix).map(shape), input),
    ListInstanceProfilesForRole: (input) => {
      const { name } = find(records.roles, "Role", input.RoleName);
      return listed(
        "InstanceProfiles",
        underPath(profiles.values(), "/")
          .filter(({ roles }) => roles.includes(name))
          .map(shape),
        input,
      );
    },
    AddRoleToInstanceProfile: (input) => {
      const { name } = find(records.roles, "Role", input.RoleName);
      if (get(input).roles.length > 0)
        throw limitExceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
      profiles.put(get(input).name, { ...get(input), roles: [name] });
    },
    RemoveRoleFromInstanceProfile: (input) => {
      const profile = get(input);
      if (!profile.roles.includes(String(input.RoleName)))
        throw noSuchEntity(`The role with name ${String(input.RoleName)} cannot be found.`);
      profiles.put(profile.name, { ...profile, roles: [] });
    },
    DeleteInstanceProfile: (input) => {
      if (get(input).roles.length > 0)
        throw new AwsError(
          "DeleteConflict",
          "Cannot delete entity, must remove roles from instance profile first.",
          409,
        );
      profiles.delete(get(input).name);
    },
  };
}
