import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Handler } from "../../service";
import { AwsError } from "../../errors";

export interface TrailRecord {
  readonly name: string;
  readonly arn: string;
  readonly settings: Members;
  readonly logging: boolean;
  readonly startedMs?: number;
  readonly stoppedMs?: number;
  readonly selectors: readonly Members[];
  readonly tags: Readonly<Record<string, string>>;
}

const kept = [
  "S3BucketName",
  "S3KeyPrefix",
  "SnsTopicName",
  "IncludeGlobalServiceEvents",
  "IsMultiRegionTrail",
  "CloudWatchLogsLogGroupArn",
  "CloudWatchLogsRoleArn",
  "KmsKeyId",
  "IsOrganizationTrail",
];

/** Trails as records: what was asked for comes back, nothing is delivered. */
export function trailOperations(cloud: Cloud): Record<string, Handler> {
  const trails = cloud.journal.table<TrailRecord>("cloudtrail/trails");

  function find(name: unknown): TrailRecord {
    const trail = trails.get(String(name).split("/").pop() ?? "");
    if (!trail)
      throw new AwsError("TrailNotFoundException", `Unknown trail: ${String(name)} for the user: ${cloud.accountId}`);
    return trail;
  }

  function settingsOf(input: Members): Members {
    const { EnableLogFileValidation } = input;
    return {
      ...Object.fromEntries(
        kept.filter((name) => input[name] !== undefined).map((name) => [name, input[name] as unknown]),
      ),
      // Asked for under one name, told under another (CloudTrail API).
      ...(EnableLogFileValidation === undefined ? {} : { LogFileValidationEnabled: EnableLogFileValidation }),
    };
  }

  function describe(trail: TrailRecord): Members {
    const { SnsTopicName } = trail.settings;
    return {
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: false,
      IsOrganizationTrail: false,
      LogFileValidationEnabled: false,
      ...trail.settings,
      Name: trail.name,
      TrailARN: trail.arn,
      HomeRegion: cloud.region,
      HasCustomEventSelectors: trail.selectors.length > 0,
      HasInsightSelectors: false,
      ...(SnsTopicName
        ? {
            SnsTopicARN: String(SnsTopicName).startsWith("arn:")
              ? SnsTopicName
              : cloud.arn("sns", SnsTopicName as string),
          }
        : {}),
    };
  }

  return {
    CreateTrail: (input) => {
      const name = String(input.Name);
      if (trails.has(name))
        throw new AwsError(
          "TrailAlreadyExistsException",
          `Trail ${name} already exists for customer: ${cloud.accountId}`,
        );
      const trail: TrailRecord = {
        name,
        arn: cloud.arn("cloudtrail", `trail/${name}`),
        settings: settingsOf(input),
        logging: false,
        selectors: [],
        tags: tagsOf(input.TagsList),
      };
      trails.put(name, trail);
      return describe(trail);
    },
    UpdateTrail: (input) => {
      const trail = find(input.Name);
      const changed = { ...trail, settings: { ...trail.settings, ...settingsOf(input) } };
      trails.put(trail.name, changed);
      return describe(changed);
    },
    DeleteTrail: (input) => {
      trails.delete(find(input.Name).name);
    },
    GetTrail: (input) => ({ Trail: describe(find(input.Name)) }),
    DescribeTrails: (input) => {
      const names = input.trailNameList as string[] | undefined;
      return {
        trailList: names?.length
          ? names.filter((name) => trails.has(name.split("/").pop()!)).map((name) => describe(find(name)))
          : [...trails.values()].map(describe),
      };
    },
    ListTrails: () => ({
      Trails: [...trails.values()].map((trail) => ({
        TrailARN: trail.arn,
        Name: trail.name,
        HomeRegion: cloud.region,
      })),
    }),
    GetTrailStatus: (input) => {
      const trail = find(input.Name);
      return {
        IsLogging: trail.logging,
        ...(trail.startedMs ? { StartLoggingTime: new Date(trail.startedMs) } : {}),
        ...(trail.stoppedMs ? { StopLoggingTime: new Date(trail.stoppedMs) } : {}),
      };
    },
    StartLogging: (input) => {
      const trail = find(input.Name);
      trails.put(trail.name, { ...trail, logging: true, startedMs: cloud.clock.nowMs() });
    },
    StopLogging: (input) => {
      const trail = find(input.Name);
      trails.put(trail.name, { ...trail, logging: false, stoppedMs: cloud.clock.nowMs() });
    },
    PutEventSelectors: (input) => {
      const trail = find(input.TrailName);
      const advanced = input.AdvancedEventSelectors as Members[] | undefined;
      trails.put(trail.name, {
        ...trail,
        selectors: advanced ?? (input.EventSelectors as Members[] | undefined) ?? [],
      });
      return {
        TrailARN: trail.arn,
        ...(advanced ? { AdvancedEventSelectors: advanced } : { EventSelectors: input.EventSelectors }),
      };
    },
    GetEventSelectors: (input) => {
      const trail = find(input.TrailName);
      const advanced = trail.selectors.some((selector) => "FieldSelectors" in selector);
      return { TrailARN: trail.arn, [advanced ? "AdvancedEventSelectors" : "EventSelectors"]: trail.selectors };
    },
    AddTags: (input) => {
      const trail = find(input.ResourceId);
      trails.put(trail.name, { ...trail, tags: { ...trail.tags, ...tagsOf(input.TagsList) } });
    },
    RemoveTags: (input) => {
      const trail = find(input.ResourceId);
      const gone = new Set(Object.keys(tagsOf(input.TagsList)));
      trails.put(trail.name, {
        ...trail,
        tags: Object.fromEntries(Object.entries(trail.tags).filter(([name]) => !gone.has(name))),
      });
    },
    ListTags: (input) => ({
      ResourceTagList: (input.ResourceIdList as string[]).map((id) => ({
        ResourceId: id,
        TagsList: Object.entries(find(id).tags).map(([Key, Value]) => ({ Key, Value })),
      })),
    }),
  };
}

function tagsOf(list: unknown): Record<string, string> {
  return Object.fromEntries(
    ((list as Members[] | undefined) ?? []).map((tag) => [tag.Key as string, (tag.Value as string | undefined) ?? ""]),
  );
}
