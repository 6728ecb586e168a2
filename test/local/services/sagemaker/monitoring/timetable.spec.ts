import assert from "node:assert/strict";
import {
  delayMs,
  longestSeconds,
  nextTime,
  timetableOf,
} from "../../../../../local/services/sagemaker/monitoring/timetable";
import { hourFolders, offsetsOf, windowAt } from "../../../../../local/services/sagemaker/monitoring/window";

const at = (text: string): number => Date.parse(`2026-11-26T${text}:00Z`);
const hours = (expression: string, from: string, times: number): string[] => {
  const timetable = timetableOf({ ScheduleExpression: expression }, "any");
  assert.ok(timetable.kind === "hours");
  const found: string[] = [];
  for (let ms = at(from); found.length < times;) {
    ms = nextTime(timetable, ms);
    found.push(new Date(ms).toISOString().slice(11, 16));
  }
  return found;
};

describe("timetables of monitoring schedules", () => {
  it("are those of the developer guide", () => {
    assert.deepEqual(hours("cron(0 * ? * * *)", "04:30", 3), ["05:00", "06:00", "07:00"]);
    assert.deepEqual(hours("cron(0 0/2 ? * * *)", "04:30", 3), ["06:00", "08:00", "10:00"]);
    assert.deepEqual(hours("cron(0 17/12 ? * * *)", "04:30", 3), ["05:00", "17:00", "05:00"]);
    assert.deepEqual(hours("cron(0 12 ? * * *)", "12:00", 2), ["12:00", "12:00"]);
  });

  it("without an expression are daily, at a time of SageMaker's", () => {
    const timetable = timetableOf(undefined, "any");
    assert.ok(timetable.kind === "hours" && timetable.everyHours === 24);
  });

  it("are kept up to 20 minutes late, as late each time for the same schedule and time", () => {
    const late = Array.from({ length: 200 }, (_, index) => delayMs("any", index));
    assert.ok(late.every((ms) => ms >= 0 && ms < 20 * 60_000));
    assert.ok(Math.max(...late) > 15 * 60_000 && Math.min(...late) < 5 * 60_000);
    assert.equal(delayMs("any", 7), delayMs("any", 7));
  });

  it("bound how long an execution may run", () => {
    const hourly = timetableOf({ ScheduleExpression: "cron(0 * ? * * *)" }, "any");
    assert.deepEqual([longestSeconds(hourly, "DataQuality"), longestSeconds(hourly, "ModelQuality")], [3600, 1800]);
  });

  it("look at the time since the execution before, or where their offsets say", () => {
    const hourly = timetableOf({ ScheduleExpression: "cron(0 * ? * * *)" }, "any");
    const input = { EndpointName: "shop", LocalPath: "/opt/ml/processing/endpointdata" };
    const window = (schedule: object, more: object): string[] =>
      hourFolders(
        windowAt(at("03:00"), offsetsOf(hourly, { ScheduleExpression: "", ...schedule }, { ...input, ...more })),
      );
    assert.deepEqual(window({}, {}), ["2026/11/26/02"]);
    assert.deepEqual(window({ DataAnalysisStartTime: "-PT5H", DataAnalysisEndTime: "-PT3H" }, {}), [
      "2026/11/25/22",
      "2026/11/25/23",
    ]);
    assert.deepEqual(window({}, { StartTimeOffset: "-P1DT1H", EndTimeOffset: "-P1D" }), ["2026/11/25/02"]);
  });
});
