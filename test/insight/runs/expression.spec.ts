import assert from "node:assert/strict";
import fc from "fast-check";
import type { MlflowRun } from "../../../aws/mlflow";
import { ExpressionError, parseExpression } from "../../../insight/runs/expression";
import { tableOf } from "../../../insight/runs/table";
import { run } from "./some-runs";

const runs: readonly MlflowRun[] = [
  run("a", {
    metrics: { map50: 0.6, "loss/train": 1.5 },
    params: { model: "yolo11n", epochs: "10", seed: "1" },
    tags: { "peregrine.run_reason": "retraining drift: fog", "mlflow.user": "anna" },
  }),
  run("b", {
    metrics: { map50: 0.4 },
    params: { model: "yolo11n", epochs: "9", seed: "2" },
    startMs: Date.parse("2026-11-20T08:00:00Z"),
    endMs: undefined,
    status: "RUNNING",
  }),
  run("c", {
    metrics: { map50: 0.7, seed: 3 },
    params: { model: "yolo11x" },
    tags: { "peregrine.run_reason": "by hand", "odd name, isn't it": "yes" },
  }),
  run("d", { metrics: { map50: Number.NaN } }),
];
const found = (where: string) =>
  tableOf(runs, { where, sort: "id asc" })
    .rows.map((row) => row.run.id)
    .join("");
const refused = (where: string): ExpressionError => {
  try {
    found(where);
  } catch (error) {
    assert.ok(error instanceof ExpressionError, String(error));
    return error;
  }
  throw new Error(`${where} was not refused`);
};

describe("questions about runs", () => {
  for (const [where, expected] of [
    ["map50 > 0.5 and (model = 'yolo11n' or tags.reason ~ 'drift')", "a"],
    ["map50 > 0.5 or model = 'yolo11n' and epochs < 10", "abc"],
    ["(map50 > 0.5 or model = 'yolo11n') and epochs < 10", "b"],
    ["not map50 > 0.5", "bd"],
    ["not not model == 'yolo11x'", "c"],
    ["model <> 'yolo11n'", "c"],
    ["model is missing", "d"],
    ["tags.reason is known and not tags.reason ~ '^by'", "a"],
    ["tags.reason !~ 'DRIFT'", "c"],
    ["params.seed in (1, '2')", "ab"],
    ["model not in ('yolo11n')", "c"],
    // As numbers: by letters 9 would follow 10.
    ["epochs >= 9.5", "a"],
    ["epochs = '9'", "b"],
    ["`loss/train` > 1e0 and metrics.loss/train <= +1.5", "a"],
    [`tags."odd name, isn't it" = 'yes'`, "c"],
    ["mlflow.user = 'anna'", "a"],
    ["start > '2026-11-10'", "b"],
    ["start <= '2026-11-01T11:00:00+01:00'", "acd"],
    ["status = 'RUNNING' and seconds is missing", "b"],
    ["run.seconds = 300 AND NOT id in ('a')", "cd"],
    ["map50 != 0.6", "bcd"],
  ] as const)
    it(`${where} finds ${expected}`, () => assert.equal(found(where), expected));

  for (const [where, at, problem] of [
    ["map50 > ", 8, /expected a number, or a text in single quotes/],
    ["map50 > yolo", 8, /texts need single quotes: 'yolo'/],
    ["(map50 > 1 or model = 'x'", 25, /the parenthesis of character 1 is not closed/],
    ["map50 > 1)", 9, /expected and, or or the end, and not \)/],
    ["map50 0.5", 6, /expected a comparison .* after map50/],
    ["model = 'yolo", 8, /a quote that opens here is not closed/],
    ["map5 > 1", 0, /no run has anything called map5; there is metrics.map50/],
    ["params.map50 > 1", 0, /no run has a parameter called map50/],
    ["model = 'a' and seed = 1", 16, /several facts: say metrics.seed or params.seed/],
    ["model ~ '('", 8, /no regular expression/],
    ["map50 > 'much'", 8, /map50 is a number/],
    ["start > 'yesterday'", 8, /expected a day or a moment/],
    ["'model' = 'a'", 0, /'model' is a value/],
    ["map50 > 0.5 & model = 'a'", 12, /unexpected "&"/],
    ["2nd > 1", 0, /neither a number nor a name/],
    ["model in 'a'", 9, /expected a list in parentheses/],
    ["model is 1", 9, /expected missing or known after is/],
    ["", 0, /expected the name/],
    ["(".repeat(200), 100, /more than 100 levels/],
  ] as const)
    it(`${JSON.stringify(where.slice(0, 40))} is refused with its place`, () => {
      const error = refused(where);
      assert.equal(error.at, at, error.message);
      assert.match(error.message, problem);
      assert.match(error.message, new RegExp(`at character ${at + 1}:`));
      assert.equal(error.message.split("\n").at(-1)!.indexOf("^"), at + 2);
    });

  it("either reads any text or says where it cannot, and never fails otherwise", () => {
    const piece = fc.constantFrom(
      "map50",
      "tags.",
      '"a"',
      "'x'",
      "(",
      ")",
      ",",
      "not",
      "and",
      "or",
      "in",
      "is",
      "<",
      "~",
      "1",
      ".",
      "\\",
      "\u0007",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }), (pieces) => {
        const text = pieces.join(" ");
        try {
          parseExpression(text);
        } catch (error) {
          assert.ok(error instanceof ExpressionError, String(error));
          assert.ok(error.at >= 0 && error.at <= text.length);
        }
      }),
    );
  });

  it("mean what JavaScript means by them", () => {
    const numbers = fc.double({ min: -5, max: 5, noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(numbers, numbers, numbers, fc.boolean(), (value, low, high, turned) => {
        const one = [run("x", { metrics: { m: value }, params: { p: String(value) } })];
        const where = `${turned ? "not " : ""}(m > ${low} and params.p <= ${high})`;
        assert.equal(tableOf(one, { where }).found === 1, (value > low && value <= high) !== turned);
      }),
    );
  });
});
