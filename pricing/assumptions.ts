/** What a plan does not say and its price depends on: how much the platform is used. */
export const assumptionMeanings = {
  hoursPerMonth: [730, "Hours of a month: 365 x 24 / 12."],
  requestsPerMonth: [1_000_000, "Requests to an endpoint."],
  requestKB: [300, "Size of a request: one JPEG tile."],
  answerKB: [4, "Size of an answer: detections and features."],
  serverlessSeconds: [0.5, "Duration of one request to a serverless endpoint."],
  trainingRunsPerMonth: [4, "Executions of a training pipeline."],
  trainingHoursPerRun: [
    3,
    "Hours of one training job; never more than its stopping condition allows (peregrine:trainingMaxHours).",
  ],
  processingHoursPerRun: [0.5, "Hours of one processing job of a pipeline: profiling, preparation, evaluation."],
  spotShare: [
    0.4,
    "What managed spot training costs, as a share of the on-demand price. AWS says at most 0.1 and promises nothing.",
  ],
  monitoringMinutesPerRun: [15, "Minutes of one run of a monitor."],
  monitorMetrics: [
    100,
    "Custom metrics that one monitor publishes: 12 of each variant, up to 94 of its labelled slices and classes, two of each feature.",
  ],
  studioHoursPerMonth: [80, "Hours that a person's space, notebook or app runs; idle shutdown ends the rest."],
  bucketGB: [50, "What a bucket holds, captured data not counted."],
  bucketWritesPerMonth: [100_000, "PUT, COPY, POST and LIST requests to a bucket."],
  bucketReadsPerMonth: [1_000_000, "GET requests to a bucket."],
  imageGB: [20, "What an image repository holds."],
  logGBPerMonth: [1, "What a log group takes in."],
  logStoredShare: [0.15, "Stored size of logs, as a share of what came in: they are compressed."],
  logMonthsWithoutEnd: [12, "Months of logs counted where a group keeps them for ever."],
  flowLogGBPerMonth: [5, "What a flow log delivers."],
  endpointGBPerMonth: [20, "Data through one interface endpoint."],
  natGBPerMonth: [100, "Data through one NAT gateway."],
  keyRequestsPerMonth: [100_000, "Requests to a KMS key."],
  notificationsPerMonth: [1_000, "Messages that a topic takes."],
  queueRequestsPerMonth: [100_000, "Requests to a queue."],
  busEventsPerMonth: [100_000, "Custom events on an event bus."],
  archiveGB: [1, "What an event archive takes in each month, and holds."],
  functionCallsPerMonth: [10_000, "Invocations of a function."],
  functionSeconds: [2, "Duration of one invocation."],
  doorSeconds: [
    0.3,
    "Duration of one request to the front door, the model's answer included; each request is one call.",
  ],
  buildsPerMonth: [8, "Builds of a project."],
  buildMinutes: [30, "Minutes of one build."],
  dataEventsPerMonth: [
    5_000_000,
    "Data events of S3 and Lambda that a trail records; requests to endpoints are counted beside them.",
  ],
  managementEventsPerMonth: [500_000, "Management events that a second trail of the account records again."],
  otherTrails: [0, "Trails that the account has beside this stack's; the first copy of management events is free."],
  otherDashboards: [0, "Dashboards that the account has beside this stack's; three are free."],
  otherBudgetActions: [0, "Budgets with actions that the account has beside this stack's; two are free."],
} as const satisfies Readonly<Record<string, readonly [value: number, meaning: string]>>;

/** Hours of a month, where nobody assumes another number. */
export const hoursPerMonth: number = assumptionMeanings.hoursPerMonth[0];

export type AssumptionName = keyof typeof assumptionMeanings;
export type Assumptions = Readonly<Record<AssumptionName, number>>;

const assumptionNames = Object.keys(assumptionMeanings) as AssumptionName[];

/** Problems of given assumptions, all of them: unknown names, and values that are no number or below 0. */
export function assumptionProblems(given: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    if (!(name in assumptionMeanings))
      return [`${name}: there is no such assumption (there are: ${assumptionNames.join(", ")})`];
    return typeof value === "number" && Number.isFinite(value) && value >= 0
      ? []
      : [`${name}: ${JSON.stringify(value)} is not a number of 0 or more`];
  });
}

/** All assumptions: the given ones, and the defaults for the rest. */
export function assumptions(given: Readonly<Partial<Record<AssumptionName, number>>> = {}): Assumptions {
  const defaults = Object.fromEntries(assumptionNames.map((name) => [name, assumptionMeanings[name][0]]));
  return { ...defaults, ...given } as Assumptions;
}
