import type { Call } from "../../../call";
import type { Members } from "../../../members";
import type { Handler } from "../../../operation";
import { studio } from "../../../metering/items";
import { AwsError } from "../../../errors";
import { page } from "../../pages";
import { closeDisk, openDisk } from "./disk";
import { unreachableFrom } from "./network";
import { date, listed } from "../listing";
import type { StudioRecord, StudioStore } from "./store";
import { studioChecks } from "../../../checks/studio";

/** `<domain>/<profile or space>/<type>/<name>`, as ARNs of apps end. */
export function appKey(input: Members): string {
  return [input.DomainId, input.SpaceName ?? input.UserProfileName, input.AppType, input.AppName].join("/");
}

/** Apps of Studio: kept as in service, or as failed where their network leads to nothing, but nothing runs. */
export function appOperations(store: StudioStore): Record<string, Handler> {
  const words = (input: Members): string =>
    `App ${input.AppName} of type ${input.AppType} in Domain with ID ${input.DomainId}`;
  const get = (input: Members): StudioRecord => store.get("app", appKey(input), words(input));
  const shown = ({ arn, given, made, createdMs }: StudioRecord): Members => ({
    ...given,
    Status: "InService",
    ...made,
    AppArn: arn,
    CreationTime: date(createdMs),
  });
  return {
    CreateApp(input: Members, call: Call) {
      if ((input.UserProfileName === undefined) === (input.SpaceName === undefined)) throw studioChecks.appOf();
      if (input.SpaceName)
        store.get(
          "space",
          `${input.DomainId}/${input.SpaceName}`,
          `Space ${input.SpaceName} in Domain with ID ${input.DomainId}`,
        );
      else
        store.get(
          "user-profile",
          `${input.DomainId}/${input.UserProfileName}`,
          `UserProfile ${input.UserProfileName} in Domain with ID ${input.DomainId}`,
        );
      if (store.find("app", appKey(input))) throw new AwsError("ResourceInUse", `${words(input)} already exists.`);
      const failure = unreachableFrom(store, input) ?? openDisk(store.cloud, input, call);
      const { arn } = store.add(
        "app",
        appKey(input),
        input,
        failure ? { Status: "Failed", FailureReason: failure } : {},
        call.now,
      );
      const type = input.ResourceSpec?.InstanceType as string | undefined;
      // The server of a Jupyter app without an instance of its own ("system") has no charge.
      if (!failure && type?.startsWith("ml.")) store.cloud.meter.hold(arn, studio(type), 1);
      return { AppArn: arn };
    },
    DescribeApp: (input: Members) => shown(get(input)),
    DeleteApp(input: Members) {
      const { arn } = get(input);
      store.cloud.meter.release(arn);
      store.drop("app", appKey(input));
      closeDisk(store.cloud, input);
      return {};
    },
    ListApps(input: Members) {
      const wanted = ({ given }: StudioRecord): boolean =>
        (["DomainId", "UserProfileName", "SpaceName"] as const).every(
          (name) => input[`${name}Equals`] === undefined || given[name] === input[`${name}Equals`],
        );
      const { items, next } = page(store.all("app").filter(wanted), input.NextToken, input.MaxResults ?? 10);
      return {
        Apps: items.map((record) => ({ ...shown(record), Tags: undefined, RecoveryMode: undefined })),
        NextToken: next,
      };
    },
  };
}

/**
 * Lifecycle configurations: scripts that apps would run when they start. Immutable, and not to be deleted while in use.
 */
export function lifecycleConfigOperations(store: StudioStore): Record<string, Handler> {
  const kind = "studio-lifecycle-config";
  const get = (name: string): StudioRecord => store.get(kind, name, `Studio Lifecycle Config ${name}`);
  const shown = ({ arn, given, createdMs, modifiedMs }: StudioRecord): Members => ({
    StudioLifecycleConfigArn: arn,
    StudioLifecycleConfigName: given.StudioLifecycleConfigName,
    StudioLifecycleConfigAppType: given.StudioLifecycleConfigAppType,
    CreationTime: date(createdMs),
    LastModifiedTime: date(modifiedMs),
  });
  const users = (arn: string): boolean =>
    (["domain", "user-profile", "space"] as const).some((of) =>
      store.all(of).some(({ given }) => JSON.stringify(given).includes(`"${arn}"`)),
    );
  return {
    CreateStudioLifecycleConfig(input: Members, call: Call) {
      const name = input.StudioLifecycleConfigName as string;
      if (store.find(kind, name))
        throw new AwsError("ResourceInUse", `Studio Lifecycle Config ${name} already exists.`);
      return { StudioLifecycleConfigArn: store.add(kind, name, input, {}, call.now).arn };
    },
    DescribeStudioLifecycleConfig(input: Members) {
      const record = get(input.StudioLifecycleConfigName);
      return { ...shown(record), StudioLifecycleConfigContent: record.given.StudioLifecycleConfigContent };
    },
    ListStudioLifecycleConfigs(input: Members) {
      const rows = store
        .all(kind)
        .filter(({ given }) => !input.AppTypeEquals || given.StudioLifecycleConfigAppType === input.AppTypeEquals);
      const { items, next } = listed(
        rows.map((record) => ({ ...record, name: String(record.given.StudioLifecycleConfigName) })),
        input,
      );
      return { StudioLifecycleConfigs: items.map(shown), NextToken: next };
    },
    DeleteStudioLifecycleConfig(input: Members) {
      const { arn } = get(input.StudioLifecycleConfigName);
      if (users(arn)) throw studioChecks.lifecycleUnused(arn);
      store.drop(kind, input.StudioLifecycleConfigName);
      return {};
    },
  };
}
