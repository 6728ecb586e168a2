import assert from "node:assert/strict";
import { eventSelectors } from "../../../../infra/audit/selectors";
import type { Members } from "../../../../local/members";
import type { LocalCloud } from "../../../../local/server";
import { asksFor, type DataEvent } from "../../../../local/services/cloudtrail/selectors";
import { scopeOf } from "../../../support/scope";
import { startTestCloud } from "../../support";

/** As the provider sends them: AWS's members begin with capitals. */
const selectors = (stack: string): Members[] =>
  eventSelectors(scopeOf(stack)).map(({ name, fieldSelectors }) => ({
    Name: name,
    FieldSelectors: (fieldSelectors as { field: string; equals?: string[]; startsWiths?: string[] }[]).map(
      ({ field, equals, startsWiths }) => ({ Field: field, Equals: equals, StartsWith: startsWiths }),
    ),
  }));
const invoke = (endpoint: string): DataEvent => ({
  eventName: "InvokeEndpoint",
  readOnly: false,
  type: "AWS::SageMaker::Endpoint",
  arn: `arn:aws:sagemaker:eu-central-1:123456789012:endpoint/${endpoint}`,
});

describe("what a trail is asked to record", () => {
  it("calls of its environment's endpoints, and of no other environment's", () => {
    assert.equal(asksFor(selectors("prod"), invoke("peregrine-prod-detector")), true);
    assert.equal(asksFor(selectors("prod"), invoke("peregrine-dev-detector")), false);
  });

  it("no call of an endpoint where no selector asks for endpoints, as in a trail of management events", () => {
    assert.equal(
      asksFor(
        selectors("prod").filter(({ Name }) => Name !== "Own endpoints"),
        invoke("peregrine-prod-detector"),
      ),
      false,
    );
    assert.equal(
      asksFor(
        [
          {
            ReadWriteType: "All",
            IncludeManagementEvents: true,
            DataResources: [{ Type: "AWS::S3::Object", Values: ["arn:aws:s3"] }],
          },
        ],
        invoke("peregrine-prod-detector"),
      ),
      false,
    );
  });

  it("everything that must be so in one of a field's values, and nothing that must not be in any", () => {
    const data = (...more: Members[]): Members[] => [
      {
        FieldSelectors: [
          { Field: "eventCategory", Equals: ["Data"] },
          { Field: "resources.type", Equals: ["AWS::S3::Object"] },
          ...more,
        ],
      },
    ];
    const event: DataEvent = {
      eventName: "PutObject",
      readOnly: false,
      type: "AWS::S3::Object",
      arn: "arn:aws:s3:::b/key",
    };
    assert.equal(asksFor(data({ Field: "eventName", Equals: ["GetObject", "PutObject"] }), event), true);
    assert.equal(asksFor(data({ Field: "eventName", NotEquals: ["GetObject", "PutObject"] }), event), false);
    assert.equal(asksFor(data({ Field: "readOnly", Equals: ["true"] }), event), false);
    assert.equal(
      asksFor(data({ Field: "resources.ARN", NotStartsWith: ["arn:aws:s3:::c/"], EndsWith: ["key"] }), event),
      true,
    );
  });
});

describe("calls of an endpoint on the local cloud", function () {
  let local: LocalCloud;
  const call = (service: string, operation: string, input: Members): Promise<Members> =>
    local.cloud.as(
      {
        type: "root",
        arn: `arn:aws:iam::${local.cloud.accountId}:root`,
        accountId: local.cloud.accountId,
        id: local.cloud.accountId,
      },
      service,
      operation,
      input,
      "test",
    );
  /** The trails that know of the newest call. */
  const recorded = async (): Promise<{ trails: readonly string[] | undefined; parameters: unknown }> => {
    await call("sagemaker-runtime", "InvokeEndpoint", {
      EndpointName: "peregrine-prod-detector",
      Body: Buffer.from("x"),
    }).catch(() => undefined);
    const [record] = local.cloud.audit.recent().filter(({ eventName }) => eventName === "InvokeEndpoint");
    return { trails: record!.recordedBy, parameters: record!.requestParameters };
  };
  before(async () => void (local = await startTestCloud()));
  after(() => local?.stop());

  it("are in a trail from the moment on that a selector asks for them and the trail logs, without what was asked", async () => {
    const cloudtrail = { Effect: "Allow", Principal: { Service: "cloudtrail.amazonaws.com" } };
    await call("s3", "CreateBucket", {
      Bucket: "kept",
      CreateBucketConfiguration: { LocationConstraint: local.cloud.region },
    });
    await call("s3", "PutBucketPolicy", {
      Bucket: "kept",
      Policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { ...cloudtrail, Action: "s3:GetBucketAcl", Resource: "arn:aws:s3:::kept" },
          { ...cloudtrail, Action: "s3:PutObject", Resource: "arn:aws:s3:::kept/AWSLogs/*" },
        ],
      }),
    });
    await call("cloudtrail", "CreateTrail", { Name: "peregrine-prod-trail", S3BucketName: "kept" });
    await call("cloudtrail", "StartLogging", { Name: "peregrine-prod-trail" });
    assert.deepEqual(await recorded(), { trails: [], parameters: null });
    const own = selectors("prod").map(
      (one) => JSON.parse(JSON.stringify(one).replaceAll("123456789012", local.cloud.accountId)) as Members,
    );
    await call("cloudtrail", "PutEventSelectors", { TrailName: "peregrine-prod-trail", AdvancedEventSelectors: own });
    assert.deepEqual((await recorded()).trails, ["peregrine-prod-trail"]);
    await call("cloudtrail", "StopLogging", { Name: "peregrine-prod-trail" });
    assert.deepEqual((await recorded()).trails, []);
  });
});
