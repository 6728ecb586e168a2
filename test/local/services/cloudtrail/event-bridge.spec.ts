import assert from "node:assert/strict";
import type { ServiceEvent } from "../../../../local/service";
import { tellEventBridge } from "../../../../local/services/cloudtrail/event-bridge";
import type { AuditRecord } from "../../../../local/audit/log";

const changed = {
  eventSource: "events.amazonaws.com",
  eventName: "DisableRule",
  readOnly: false,
  eventCategory: "Management",
} as AuditRecord;

/** What EventBridge hears of a record, in an account with one trail. */
function heard(
  record: Partial<AuditRecord>,
  trail = { logging: true, selectors: [] as object[] },
  region = "eu-central-1",
) {
  const events: ServiceEvent[] = [];
  const cloud = { region, internals: { emit: (event: ServiceEvent) => void events.push(event) } };
  tellEventBridge(cloud as never, { all: () => [trail] } as never, { ...changed, ...record });
  return events;
}

describe("calls on EventBridge", () => {
  it("come where a trail records changes of the account", () => {
    const [event] = heard({});
    assert.deepEqual([event!.source, event!.detailType], ["aws.events", "AWS API Call via CloudTrail"]);
    assert.equal(heard({}, { logging: false, selectors: [] }).length, 0);
    const data = { FieldSelectors: [{ Field: "eventCategory", Equals: ["Data"] }] };
    const management = { FieldSelectors: [{ Field: "eventCategory", Equals: ["Management"] }] };
    assert.equal(heard({}, { logging: true, selectors: [data] }).length, 0);
    assert.equal(heard({}, { logging: true, selectors: [data, management] }).length, 1);
    assert.equal(heard({}, { logging: true, selectors: [{ IncludeManagementEvents: false }] }).length, 0);
  });

  it("are no looks, and data events where a trail asks for them", () => {
    assert.equal(heard({ readOnly: true }).length, 0);
    assert.equal(heard({ eventCategory: "Data", recordedBy: [] }).length, 0);
    const [event] = heard({ eventCategory: "Data", recordedBy: ["trail"] });
    assert.equal((event!.detail as { recordedBy?: unknown }).recordedBy, undefined);
  });

  it("tell that a trail was stopped, though it is", () => {
    const stopped = { eventSource: "cloudtrail.amazonaws.com", eventName: "StopLogging" };
    assert.equal(heard(stopped, { logging: false, selectors: [] }).length, 1);
  });

  it("come of global services in their own region alone", () => {
    const iam = { eventSource: "iam.amazonaws.com", eventName: "PutRolePolicy" };
    assert.equal(heard(iam).length, 0);
    assert.equal(heard(iam, { logging: true, selectors: [] }, "us-east-1").length, 1);
  });
});
