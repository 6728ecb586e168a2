import { strict as assert } from "node:assert";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { EngineLog } from "../../automation/events";
import { infrastructureIn } from "../../automation/pending-infrastructure";

const urn = (types: string, name: string) => `urn:pulumi:prod::peregrine::${types}::${name}`;
const platform = "peregrine:platform:Platform";
const serving = `${platform}$peregrine:serving:MonitoredEndpoint`;
const step = (op: string, of: string): EngineEvent => ({ sequence: 0, timestamp: 0, resourcePreEvent: { metadata: { op, urn: of } as never } });

describe("changes beside the release", () => {
  function pending(...events: EngineEvent[]): string[] {
    const log = new EngineLog();
    for (const event of events) log.record(event);
    return infrastructureIn(log.planned);
  }

  it("are none where the release's own resources change, or nothing does", () => {
    assert.deepEqual(pending(step("update", urn(`${serving}$aws:sagemaker/endpoint:Endpoint`, "detector-endpoint")), step("create", urn(`${serving}$aws:cloudwatch/metricAlarm:MetricAlarm`, "x")), step("same", urn(`${platform}$aws:s3/bucket:Bucket`, "artifacts")), step("update", urn("pulumi:pulumi:Stack", "peregrine-prod")), step("update", urn("pulumi:providers:aws", "aws"))), []);
  });

  it("are told by what would be done to which resource, a replacement once", () => {
    const bucket = urn(`${platform}$peregrine:storage:Storage$aws:s3/bucket:Bucket`, "artifacts");
    const role = urn(`${platform}$aws:iam/role:Role`, "pipeline");
    assert.deepEqual(pending(step("create-replacement", bucket), step("replace", bucket), step("delete-replaced", bucket), step("update", role)), ["create-replacement aws:s3/bucket:Bucket artifacts", "update aws:iam/role:Role pipeline"]);
  });
});
