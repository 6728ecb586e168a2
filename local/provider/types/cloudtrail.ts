import type { Members } from "../../members";
import type { Context, ResourceType, Step } from "../resource-type";

const named = { only: ["name"] } as const;
const selectors = ["eventSelectors", "advancedEventSelectors"] as const;
const startLogging = ({ inputs }: Context): boolean => inputs.enableLogging !== false;

/** Selectors are steps of their own, in CreateTrail's wake as in UpdateTrail's. */
const select: readonly Step[] = [
  { operation: "PutEventSelectors", rename: { name: "TrailName" }, only: ["name", ...selectors], when: selectors },
  {
    operation: "PutInsightSelectors",
    rename: { name: "TrailName" },
    only: ["name", "insightSelectors"],
    when: ["insightSelectors"],
  },
];

/** Trails. The provider's plural names of field selectors are CloudTrail's singular ones. */
export const cloudtrail: readonly ResourceType[] = [
  {
    token: "aws:cloudtrail/trail:Trail",
    service: "cloudtrail",
    title: "CloudTrail Trail",
    name: { property: "name", limit: 128 },
    rename: {
      cloudWatchLogsGroupArn: "CloudWatchLogsLogGroupArn",
      tags: "TagsList",
      "*.startsWiths": "StartsWith",
      "*.endsWiths": "EndsWith",
      "*.notStartsWiths": "NotStartsWith",
      "*.notEndsWiths": "NotEndsWith",
    },
    local: ["enableLogging"],
    replace: ["name"],
    defaults: {
      enableLogging: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: false,
      isMultiRegionTrail: false,
      isOrganizationTrail: false,
    },
    create: [{ operation: "CreateTrail" }, ...select, { operation: "StartLogging", ...named, if: startLogging }],
    update: [
      { operation: "UpdateTrail" },
      ...select,
      { operation: "StartLogging", ...named, when: ["enableLogging"], if: startLogging },
      { operation: "StopLogging", ...named, when: ["enableLogging"], if: (context) => !startLogging(context) },
    ],
    read: {
      operation: "GetTrail",
      ...named,
      result: ({ Trail: trail }) => trail && { ...trail, EnableLogFileValidation: trail.LogFileValidationEnabled },
    },
    delete: [{ operation: "DeleteTrail", ...named }],
    // The provider's id of a trail is its ARN.
    id: (answer) => String(answer.TrailARN),
    fromId: (id) => ({ name: id.split("/").pop() ?? "" }),
    outputs: (answer, { session }) => ({
      arn: answer.TrailARN,
      homeRegion: answer.HomeRegion ?? session.region,
      snsTopicArn: answer.SnsTopicARN ?? "",
    }),
    tags: { add: "AddTags", remove: "RemoveTags", identity: ({ id }): Members => ({ ResourceId: id }) },
  },
];
