import assert from "node:assert/strict";
import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";
import { PlanRecorder } from "../../../automation/stack/plan";

const state = (inputs: object, more: object = {}) => ({
  type: "aws:kms/key:Key",
  urn: "",
  id: "",
  parent: "",
  provider: "",
  custom: true,
  inputs,
  outputs: {},
  ...more,
});
const step = (op: OpType | "read", urn: string, old?: object, next?: object): EngineEvent =>
  ({
    sequence: 0,
    timestamp: 0,
    resourcePreEvent: { metadata: { op, urn, type: "aws:kms/key:Key", old, new: next, provider: "" } },
  }) as unknown as EngineEvent;

function planOf(...events: EngineEvent[]) {
  const recorder = new PlanRecorder();
  events.forEach(recorder.record);
  const { before, after, settings } = recorder.plan();
  const short = (list: typeof before) => Object.fromEntries(list.map(({ urn, inputs }) => [urn, inputs]));
  return { before: short(before), after: short(after), settings };
}

describe("a plan, gathered from a preview's events", () => {
  it("has what is there before and what is there after", () => {
    const { before, after } = planOf(
      step("create", "new", undefined, state({ a: 1 })),
      step("same", "kept", state({ a: 2 }), state({ a: 2 })),
      step("update", "changed", state({ a: 3 }), state({ a: 4 })),
      step("delete", "gone", state({ a: 5 })),
    );
    assert.deepEqual(before, { kept: { a: 2 }, changed: { a: 3 }, gone: { a: 5 } });
    assert.deepEqual(after, { new: { a: 1 }, kept: { a: 2 }, changed: { a: 4 } });
  });

  it("sees one resource in the steps of a replacement", () => {
    const { before, after } = planOf(
      step("create-replacement", "x", state({ a: 1 }), state({ a: 2 })),
      step("replace", "x", state({ a: 1 }), state({ a: 2 })),
      step("delete-replaced", "x", state({ a: 1 }, { delete: true })),
    );
    assert.deepEqual([before, after], [{ x: { a: 1 } }, { x: { a: 2 } }]);
  });

  it("leaves out components and what is only read", () => {
    const { before, after } = planOf(
      step("create", "component", undefined, state({}, { custom: false })),
      step("read", "foreign", undefined, state({})),
    );
    assert.deepEqual([before, after], [{}, {}]);
  });

  it("knows the settings, defaults included", () => {
    assert.deepEqual(
      planOf({
        sequence: 0,
        timestamp: 0,
        preludeEvent: { config: { "peregrine:trainingMaxHours": "12" } },
      } as EngineEvent).settings,
      { "peregrine:trainingMaxHours": "12" },
    );
  });
});
