import type {
  CreateTrailCommandInput,
  CreateTrailCommandOutput,
  DeleteTrailCommandInput,
  DeleteTrailCommandOutput,
  DescribeTrailsCommandInput,
  DescribeTrailsCommandOutput,
  GetTrailCommandInput,
  GetTrailCommandOutput,
  ListTrailsCommandInput,
  ListTrailsCommandOutput,
  Trail,
  UpdateTrailCommandInput,
  UpdateTrailCommandOutput,
} from "@aws-sdk/client-cloudtrail";
import { AwsError } from "../../errors";
import { need } from "../../iam/permissions/requirements";
import { type Fidelity, operation, type Validated } from "../../operation";
import type { Deliveries } from "./deliveries";
import { onAnyTrail, onTrails, passLogsRole } from "./requirements";
import { tagsOf, type TrailRecord, type TrailSettings, type TrailStore } from "./trail-store";

const recorded: Fidelity = { level: "recorded", note: "what a trail is; `StartLogging` has it deliver" };

/** What trails are: made, changed, shown and deleted. */
export const trailOperations = (trails: TrailStore, deliveries: Deliveries) => ({
  CreateTrail: operation<CreateTrailCommandInput, CreateTrailCommandOutput>({
    requires: (input, call) => [
      ...onTrails(trails, [input.Name], call),
      ...(input.TagsList?.length ? [need("cloudtrail:AddTags", trails.arn(input.Name))] : []),
      ...passLogsRole(input.CloudWatchLogsRoleArn),
    ],
    fidelity: recorded,
    handle: (input) => {
      const { cloud } = trails;
      if (trails.has(input.Name))
        throw new AwsError(
          "TrailAlreadyExistsException",
          `Trail ${input.Name} already exists for customer: ${cloud.accountId}`,
        );
      const trail = trails.put({
        name: input.Name,
        arn: trails.arn(input.Name),
        settings: settingsOf(input),
        logging: false,
        selectors: [],
        tags: tagsOf(input.TagsList),
      });
      return describe(trails, trail);
    },
  }),

  UpdateTrail: operation<UpdateTrailCommandInput, UpdateTrailCommandOutput>({
    requires: (input, call) => [...onTrails(trails, [input.Name], call), ...passLogsRole(input.CloudWatchLogsRoleArn)],
    fidelity: recorded,
    handle: (input) => {
      const trail = trails.get(input.Name);
      return describe(trails, trails.put({ ...trail, settings: { ...trail.settings, ...settingsOf(input) } }));
    },
  }),

  DeleteTrail: operation<DeleteTrailCommandInput, DeleteTrailCommandOutput>({
    requires: (input, call) => onTrails(trails, [input.Name], call),
    fidelity: recorded,
    handle: async (input) => {
      const { name } = trails.get(input.Name);
      trails.delete(name);
      await deliveries.forget(name);
      return {};
    },
  }),

  GetTrail: operation<GetTrailCommandInput, GetTrailCommandOutput>({
    requires: (input, call) => onTrails(trails, [input.Name], call),
    fidelity: recorded,
    handle: (input) => ({ Trail: describe(trails, trails.get(input.Name)) }),
  }),

  DescribeTrails: operation<DescribeTrailsCommandInput, DescribeTrailsCommandOutput>({
    requires: onAnyTrail,
    fidelity: recorded,
    handle: ({ trailNameList: names }) => {
      const found = names?.length
        ? names.filter((name) => trails.has(name)).map((name) => trails.get(name))
        : trails.all();
      return { trailList: found.map((trail) => describe(trails, trail)) };
    },
  }),

  ListTrails: operation<ListTrailsCommandInput, ListTrailsCommandOutput>({
    requires: onAnyTrail,
    fidelity: recorded,
    handle: () => ({
      Trails: trails.all().map(({ arn, name }) => ({ TrailARN: arn, Name: name, HomeRegion: trails.cloud.region })),
    }),
  }),
});

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
] as const satisfies readonly (keyof TrailSettings)[];

function settingsOf(input: Validated<UpdateTrailCommandInput>): TrailSettings {
  const { EnableLogFileValidation } = input;
  return {
    ...Object.fromEntries(kept.filter((name) => input[name] !== undefined).map((name) => [name, input[name]])),
    // Asked for under one name, told under another (CloudTrail API).
    ...(EnableLogFileValidation === undefined ? {} : { LogFileValidationEnabled: EnableLogFileValidation }),
  };
}

function describe({ cloud }: TrailStore, trail: TrailRecord): Trail {
  const { SnsTopicName: topic } = trail.settings;
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
    ...(topic ? { SnsTopicARN: topic.startsWith("arn:") ? topic : cloud.arn("sns", topic) } : {}),
  };
}
