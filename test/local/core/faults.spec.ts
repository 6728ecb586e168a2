import assert from "node:assert/strict";
import { join } from "node:path";
import { Clock } from "../../../local/clock";
import { faultKindNames, parseFault, WrongFault, type FaultInput } from "../../../local/faults/kinds";
import { Faults, UnknownFaults } from "../../../local/faults/faults";
import { Journal } from "../../../local/journal";
import { makeTemporaryFolder } from "../../support/temporary-folder";

const started = (random?: () => number): Faults => new Faults(new Journal(), new Clock(), random);
const place = { endpoint: "shop", variant: "champion", config: "new" };
const problems = (value: unknown): readonly string[] => {
  try {
    parseFault(value);
  } catch (error) {
    if (error instanceof WrongFault) return error.problems;
    throw error;
  }
  return [];
};

describe("a fault on request", () => {
  it("is told all that is wrong with it at once", () => {
    assert.deepEqual(problems({ kind: "slow", endpoint: "a b", delayMs: 60_000, status: 500 }).length, 3);
    assert.deepEqual(problems({ kind: "throttling" }), ["throttling needs service", "throttling needs operation"]);
    assert.deepEqual(problems({ kind: "error", endpoint: "shop", share: 0, times: 1.5 }), [
      "times must be a whole number",
      "share must be greater than 0",
    ]);
    assert.match(problems({ kind: "flood" })[0]!, /there is no fault "flood": use one of crash, /);
    assert.match(problems("crash")[0]!, /no kind of fault is given/);
  });

  it("fills in what is left out", () => {
    assert.deepEqual(parseFault({ kind: "error", endpoint: "shop" }), {
      kind: "error",
      endpoint: "shop",
      share: 1,
      status: 500,
    });
    assert.equal(faultKindNames.length, 13);
  });

  it("strikes only where it is meant to", () => {
    const faults = started();
    faults.add({ kind: "hang", endpoint: "shop", variant: "champion", config: "new" });
    assert.equal(faults.strikeServing({ ...place, config: "old" }), undefined);
    assert.equal(faults.strikeServing({ ...place, variant: "challenger" }), undefined);
    assert.equal(faults.strikeServing({ ...place, endpoint: "other" }), undefined);
    assert.equal(faults.strikeServing(place)?.kind, "hang");
    assert.equal(faults.list()[0]!.hits, 1);
  });

  it("is over after its times, and hits its share of the requests", () => {
    const draws = [0.3, 0.1, 0.2];
    const faults = started(() => draws.shift()!);
    faults.add({ kind: "error", endpoint: "shop", share: 0.25, times: 2 });
    assert.deepEqual(
      [1, 2, 3].map(() => faults.strikeServing(place)?.kind),
      [undefined, "error", "error"],
    );
    assert.equal(faults.any, false);
  });

  it("is ended by id or together with all; an unknown id ends none", () => {
    const faults = started();
    const crash: FaultInput = { kind: "crash", endpoint: "shop" };
    assert.deepEqual(
      [faults.add(crash).id, faults.add(crash).id, faults.add(crash).id],
      ["fault-1", "fault-2", "fault-3"],
    );
    assert.throws(() => faults.clear(["fault-1", "fault-9"]), UnknownFaults);
    assert.deepEqual(faults.clear(["fault-2"]), ["fault-2"]);
    assert.deepEqual(faults.clear(), ["fault-1", "fault-3"]);
    assert.equal(faults.add(crash).id, "fault-4", "an id names one fault for good");
  });

  it("outlives a restart, with what it has struck so far", () => {
    const folder = makeTemporaryFolder();
    const file = join(folder, "journal.jsonl");
    const before = new Journal(file);
    const faults = new Faults(before, new Clock());
    faults.add({ kind: "throttling", service: "sagemaker", operation: "UpdateEndpoint", times: 3 });
    faults.refusal("sagemaker", "UpdateEndpoint");
    before.close();
    const after = new Faults(new Journal(file), new Clock());
    assert.deepEqual(
      after.list().map(({ id, hits }) => [id, hits]),
      [["fault-1", 1]],
    );
    assert.equal(after.add({ kind: "crash", endpoint: "shop" }).id, "fault-2");
  });

  it("answers in the words of the service", () => {
    const faults = started();
    for (const service of ["sagemaker", "iam", "s3", "lambda"])
      faults.add({ kind: "throttling", service, operation: "Do" });
    const told = (service: string): unknown[] => {
      const { code, message, status } = faults.refusal(service, "Do")!;
      return [code, message, status];
    };
    assert.deepEqual(told("sagemaker"), ["ThrottlingException", "Rate exceeded", 400]);
    assert.deepEqual(told("iam"), ["Throttling", "Rate exceeded", 400]);
    assert.deepEqual(told("s3"), ["SlowDown", "Please reduce your request rate.", 503]);
    assert.deepEqual(told("lambda"), ["TooManyRequestsException", "Rate Exceeded.", 429]);
    assert.equal(faults.refusal("sagemaker", "Other"), undefined);
  });
});
