import { check } from "./check";

const reports = ["ce:GetCostAndUsage", "ce:GetTags"] as const;
const periods = [...reports, "ce:GetCostForecast"] as const;

/** Cost Explorer: API reference, and words that were seen in public. */
export const costChecks = {
  periodOrder: check({
    operations: periods,
    rule: "a period starts before it ends; its end is not part of it",
    ground: "documented",
    names: [],
    words: () => "Start date (and hour) should be before end date (and hour)",
  }),
  periodStarted: check({
    operations: reports,
    rule: "a period starts no later than today",
    ground: "words believed",
    names: ["start"],
    words: (start) => `Start date ${start} is after the current date`,
  }),
  periodEnd: check({
    operations: reports,
    rule: "a period ends no later than the first of next month (words: aws/aws-sdk-js #2732)",
    ground: "documented",
    names: [],
    words: () => "end date past the beginning of next month",
  }),
  periodAge: check({
    operations: reports,
    rule: "a period starts within the last 14 months",
    ground: "documented",
    names: [],
    words: () => "You haven't enabled historical data beyond 14 months",
  }),
  periodDays: check({
    operations: periods,
    rule: "days and months are asked for by dates, without hours",
    ground: "words believed",
    names: ["time"],
    words: (time) => `Invalid date ${time}: expected the form yyyy-MM-dd for this granularity`,
  }),
  hourly: check({
    operations: ["ce:GetCostAndUsage"],
    rule: "hours are for accounts that pay for hourly granularity; this one does not",
    ground: "words believed",
    names: [],
    words: () => "Hourly granularity is not enabled for this account. Enable it in the Cost Management preferences.",
  }),
  metrics: check({
    operations: ["ce:GetCostAndUsage"],
    rule: "metrics are those that the API reference lists (`NormalizedUsageAmount` is not among those here)",
    ground: "words believed",
    names: ["metric"],
    words: (metric) => `Invalid metric: ${metric}`,
  }),
  groupCount: check({
    operations: ["ce:GetCostAndUsage"],
    rule: "there are at most two groups",
    ground: "words believed",
    names: [],
    words: () => "GroupBy can have at most 2 group definitions",
  }),
  groupKey: check({
    operations: ["ce:GetCostAndUsage"],
    rule: "groups are by tag, or by a dimension that usage here has",
    ground: "words believed",
    names: ["group"],
    words: (group) => `Dimension ${group} is not supported for GroupBy`,
  }),
  filterOne: check({
    operations: [...periods],
    rule: "an expression has one of `And`, `Or`, `Not`, `Dimensions` and `Tags`; `And` and `Or` have two members or more",
    ground: "words believed",
    names: [],
    words: () => "Expression can only have one operand, and And and Or need at least two members",
  }),
  filterKey: check({
    operations: [...periods],
    rule: "filters are by tags, and by dimensions that usage here has",
    ground: "words believed",
    names: ["dimension"],
    words: (dimension) => `Dimension ${dimension} is not supported for filtering`,
  }),
  filterMatch: check({
    operations: [...periods],
    rule: "filters match by EQUALS, CASE_SENSITIVE and, for tags, ABSENT",
    ground: "words believed",
    names: ["option"],
    words: (option) => `MatchOptions ${option} is not supported`,
  }),
  priced: check({
    operations: [...periods],
    rule: "everything that was used has a price in the list that the local cloud was given (AWS has them all)",
    ground: "believed",
    code: "DataUnavailableException",
    names: ["prices"],
    words: (prices) => `The requested data is unavailable: the local cloud's price list has no ${prices}.`,
  }),
  history: check({
    operations: ["ce:GetCostForecast"],
    rule: "there is enough history: five weeks (AWS says so of budgets' forecasts; of Cost Explorer's it is believed)",
    ground: "words believed",
    code: "DataUnavailableException",
    names: [],
    words: () => "Insufficient amount of historical data to generate forecast",
  }),
  forecastDays: check({
    operations: ["ce:GetCostForecast"],
    rule: "forecasts are for days or months, from today on",
    ground: "words believed",
    names: [],
    words: () => "A forecast starts today or later, with DAILY or MONTHLY granularity",
  }),
  tagBatch: check({
    operations: ["ce:UpdateCostAllocationTagsStatus"],
    rule: "at most 20 tags are changed at once",
    ground: "words believed",
    names: [],
    words: () => "At most 20 cost allocation tags can be updated at once",
  }),
} as const;
