import assert from "node:assert/strict";
import type { ScoredAnswer } from "../../../contract/experiment";
import { feedbackRows, mergedRows, readKpiTable } from "../../../lifecycle/effect/rows";

const answer = (over: Partial<ScoredAnswer>): ScoredAnswer => ({
  ...{ id: "f-1/1", flight: "f-1", variant: "champion", sample: "random", right: 2, found: 3, true: 4 },
  ...{ answeredAt: "2026-11-01T10:00:00Z", labelledAt: "2026-11-01T12:00:00Z", ...over },
});

describe("tables of the business", () => {
  it("are read by the names of their columns", () => {
    const read = readKpiTable('unit,day,value,arm\r\n"north, 2",2026-11-01,-1.5e1,r-1\n\nsouth,2026-11-02,.5,\n');
    assert.deepEqual(read, {
      rows: [
        { day: "2026-11-01", value: -15, unit: "north, 2", arm: "r-1" },
        { day: "2026-11-02", value: 0.5, unit: "south" },
      ],
    });
  });

  it("tell of every line that is wrong, and are not read in part", () => {
    const read = readKpiTable(
      'day,value,weight\n2026-02-30,1,1\n2026-11-01,1,0\n2026-11-01,NaN,1\n2026-11-01,1\n2026-11-01,"1,1\n',
    );
    assert.ok("problems" in read);
    assert.deepEqual(
      read.problems.map((one) => one.split(":")[0]),
      ["line 2", "line 3", "line 4", "line 5", "line 6"],
    );
    assert.match(read.problems[0]!, /is no day/);
    assert.match(read.problems[1]!, /weight "0"/);
    assert.match(read.problems[2]!, /"NaN" is no number/);
  });

  it("need a head with day and value, and nothing unknown", () => {
    for (const head of ["", "day,weight", "day,value,price", "day,value,day"])
      assert.match((readKpiTable(`${head}\n2026-11-01,1`) as { problems: string[] }).problems[0]!, /^line 1: the head/);
  });
});

describe("rows that labels give", () => {
  const [ten, eleven, late] = [10, 11, 23.5].map((hour) =>
    new Date(Date.UTC(2026, 10, 1) + hour * 3_600_000).toISOString(),
  );
  const answers = [
    answer({}),
    answer({ id: "f-1/2", right: 0, found: 0, true: 1, answeredAt: "2026-11-01T11:00:00Z" }),
    answer({ id: "f-1/3", variant: "challenger", right: 4, found: 4 }),
    answer({ id: "f-2/1", flight: "f-2", answeredAt: "2026-11-02T00:30:00+01:00" }),
    answer({ id: "f-2/2", flight: "f-2", sample: "chosen", found: 100 }),
  ];

  it("are means of a flight's images, by day in UTC and model", () => {
    assert.deepEqual(feedbackRows("wrong", answers), [
      { day: "2026-11-01", value: 0.5, weight: 2, unit: "f-1", arm: "champion", from: ten, until: eleven },
      { day: "2026-11-01", value: 0, weight: 1, unit: "f-1", arm: "challenger", from: ten, until: ten },
      { day: "2026-11-01", value: 1, weight: 1, unit: "f-2", arm: "champion", from: late, until: late },
    ]);
    assert.deepEqual(
      (["right", "missed"] as const).map((measure) => feedbackRows(measure, answers).map(({ value }) => value)),
      [
        [1, 4, 2],
        [1.5, 0, 2],
      ],
    );
  });

  it("are replaced by later ones of the same flight, and let go when they are old", () => {
    const old = { day: "2025-01-01", value: 1, unit: "f-0" };
    const first = { day: "2026-11-01", value: 1, unit: "f-1" };
    const other = { day: "2026-11-01", value: 5, unit: "f-1", arm: "challenger" };
    assert.deepEqual(mergedRows([old, first], [other, { ...first, value: 2 }], "2026-01-01"), [
      { ...first, value: 2 },
      other,
    ]);
  });
});
