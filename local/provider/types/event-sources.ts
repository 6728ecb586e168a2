import type { ResourceType } from "../resource-type";

const changeable = [
  "functionName",
  "enabled",
  "batchSize",
  "filterCriteria",
  "kmsKeyArn",
  "metricsConfig",
  "scalingConfig",
  "maximumBatchingWindowInSeconds",
  "parallelizationFactor",
  "destinationConfig",
  "maximumRecordAgeInSeconds",
  "bisectBatchOnFunctionError",
  "maximumRetryAttempts",
  "tumblingWindowInSeconds",
  "sourceAccessConfigurations",
  "functionResponseTypes",
  "amazonManagedKafkaEventSourceConfig",
  "selfManagedKafkaEventSourceConfig",
  "documentDbEventSourceConfig",
  "provisionedPollerConfig",
] as const;

/** What Lambda polls for a function. */
export const eventSources: readonly ResourceType[] = [
  {
    token: "aws:lambda/eventSourceMapping:EventSourceMapping",
    service: "lambda",
    title: "Lambda Event Source Mapping",
    rename: {
      kmsKeyArn: "KMSKeyArn",
      documentDbEventSourceConfig: "DocumentDBEventSourceConfig",
      "destinationConfig.onFailure.destinationArn": "Destination",
    },
    local: ["useResourceTimeoutForPropagation"],
    replace: [
      "eventSourceArn",
      "selfManagedEventSource",
      "startingPosition",
      "startingPositionTimestamp",
      "topics",
      "queues",
    ],
    defaults: { enabled: true },
    create: [{ operation: "CreateEventSourceMapping" }],
    update: [
      {
        operation: "UpdateEventSourceMapping",
        only: changeable,
        when: changeable,
        request: ({ id }) => ({ UUID: id }),
      },
    ],
    read: { operation: "GetEventSourceMapping", only: [], request: ({ id }) => ({ UUID: id }) },
    delete: [{ operation: "DeleteEventSourceMapping", only: [], request: ({ id }) => ({ UUID: id }) }],
    id: (answer) => String(answer.UUID),
    fromId: () => ({}),
    outputs: (answer, { id }) => ({
      uuid: answer.UUID ?? (id || undefined),
      arn: answer.EventSourceMappingArn,
      functionArn: answer.FunctionArn,
      state: answer.State,
      stateTransitionReason: answer.StateTransitionReason,
      lastModified: answer.LastModified instanceof Date ? answer.LastModified.toISOString() : answer.LastModified,
      lastProcessingResult: answer.LastProcessingResult,
    }),
    changing: ["lastModified", "lastProcessingResult", "state", "stateTransitionReason", "functionArn"],
    tags: { add: "TagResource", remove: "UntagResource", identity: ({ state }) => ({ Resource: state.arn }) },
  },
];
