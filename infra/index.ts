import * as aws from "@pulumi/aws";
import type { PlatformOutputs } from "./outputs";
import { Platform } from "./platform";
import { desiredRelease } from "./release";
import { Scope } from "./scope";
import { loadSettings } from "./settings/load";

/** The program: settings, the account behind the profile, what shall be served, and the platform that follows. */
export = async (): Promise<PlatformOutputs> => {
  const settings = loadSettings();
  const provider = new aws.Provider("aws", {
    region: settings.region as aws.Region,
    profile: settings.profile,
    allowedAccountIds: settings.allowedAccountIds.length > 0 ? [...settings.allowedAccountIds] : undefined,
    defaultTags: { tags: Scope.tagsOf(settings) },
  });
  const [{ accountId }, { partition }] = await Promise.all([
    aws.getCallerIdentity({}, { provider }),
    aws.getPartition({}, { provider }),
  ]);
  const scope = new Scope(settings, { accountId, partition });
  const release = await desiredRelease(scope, { provider });
  return new Platform(scope, release, { providers: [provider] }).outputs;
};
