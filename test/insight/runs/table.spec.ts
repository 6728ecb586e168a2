import assert from "node:assert/strict";
import { tableCsv, tableText } from "../../../insight/runs/show";
import { metricsOf, tableOf } from "../../../insight/runs/table";
import { run } from "./some-runs";

const runs = [
  run("aaaaaaaaaaaa", { metrics: { map50: 0.5 }, params: { epochs: "10" }, startMs: 1 }),
  run("bbbbbbbbbbbb", { metrics: { map50: 0.75 }, params: { epochs: "9" }, startMs: 2 }),
  run("cccccccccccc", { metrics: { map50: Number.NaN }, params: { epochs: "unknown" }, startMs: 3 }),
  run("dddddddddddd", { startMs: 4, name: "=cmd()|' /C calc'!A0", tags: { evil: 'x\u001b[2J",y\r\n' } }),
];
const order = (sort?: string) =>
  tableOf(runs, { sort })
    .rows.map((row) => row.run.id[0])
    .join("");

describe("the table of runs", () => {
  it("has the newest first, or the order that is asked for, with what is missing at the end", () => {
    assert.equal(order(), "dcba");
    assert.equal(order("map50"), "badc");
    assert.equal(order("map50 asc"), "abdc");
    assert.equal(order("params.epochs asc, start"), "bacd");
    assert.equal(order("status, start asc"), "abcd");
  });

  it("has the usual columns that some run has, or those that are asked for", () => {
    const heads = (columns?: string) => tableOf(runs, { columns }).columns.map(({ heading }) => heading);
    assert.deepEqual(heads(), ["start", "id", "name", "status", "map50", "epochs"]);
    assert.deepEqual(heads("map50, tags.evil"), ["map50", "evil"]);
    assert.throws(() => heads("map50, nothing"), /no run has anything called nothing, at character 8/);
  });

  it("says how many there are, also where fewer are shown", () => {
    const table = tableOf(runs, { where: "map50 > 0", limit: 1 });
    assert.deepEqual([table.found, table.of, table.rows.length], [2, 4, 1]);
    assert.match(tableText(table), /^2 of 4 runs, of which 1 are shown/m);
    assert.equal(tableText(tableOf([], {})), "0 of 0 runs\n");
    assert.equal(tableOf([], { where: "map50 > 1", sort: "x", columns: "y" }).found, 0);
  });

  it("shows nothing that steers a terminal, and no formula to a spreadsheet", () => {
    const table = tableOf(runs, { columns: "name, tags.evil, start", where: "id ~ '^d'" });
    assert.doesNotMatch(tableText(table), /[\u0000-\u0009\u000b-\u001f]/);
    assert.equal(
      tableCsv(table),
      `name,tags.evil,start\r\n'=cmd()|' /C calc'!A0,"x\u001b[2J"",y\r\n",1970-01-01T00:00:00.004Z\r\n`,
    );
  });

  it("knows of which metrics all steps are needed", () => {
    const two = [run("a", { metrics: { one: 1, two: 2, three: 3 } })];
    assert.deepEqual(metricsOf(two, { where: "one > 0 or two in (1)", sort: "three", columns: "name" }).sort(), [
      "one",
      "three",
      "two",
    ]);
    assert.throws(() => metricsOf(two, { where: "four > 0" }), /no run has anything called four/);
  });
});
