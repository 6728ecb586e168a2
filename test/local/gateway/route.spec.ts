import assert from "node:assert/strict";
import { readUrl, type Incoming } from "../../../local/gateway/http";
import { Router } from "../../../local/gateway/route";
import type { Signature } from "../../../local/gateway/signature";
import { BotocoreModels } from "../../../local/model/models";
import { venv } from "../support";

describe("routing of requests", () => {
  const router = new Router(new BotocoreModels({ venv }));

  function route(
    service: string,
    method: string,
    url: string,
    headers: Record<string, string> = {},
    body = "",
  ): string {
    const incoming: Incoming = { method, url, headers, body: Buffer.from(body), ...readUrl(url) };
    const found = router.route(incoming, { service } as Signature);
    return `${found.service}:${found.operation} (${found.protocol})`;
  }

  it("tells the services that share SageMaker's signing name apart", () => {
    assert.equal(
      route("sagemaker", "POST", "/", { "x-amz-target": "SageMaker.DescribeEndpoint" }),
      "sagemaker:DescribeEndpoint (json)",
    );
    assert.equal(
      route("sagemaker", "POST", "/endpoints/prod-detector/invocations"),
      "sagemaker-runtime:InvokeEndpoint (rest-json)",
    );
    assert.equal(route("sagemaker", "PUT", "/BatchPutMetrics"), "sagemaker-metrics:BatchPutMetrics (rest-json)");
  });

  it("takes CloudWatch in each of its three protocols", () => {
    assert.equal(
      route("monitoring", "POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData", {
        "smithy-protocol": "rpc-v2-cbor",
      }),
      "cloudwatch:PutMetricData (smithy-rpc-v2-cbor)",
    );
    assert.equal(
      route("monitoring", "POST", "/", { "x-amz-target": "GraniteServiceVersion20100801.PutMetricData" }),
      "cloudwatch:PutMetricData (json)",
    );
    assert.equal(
      route(
        "monitoring",
        "POST",
        "/",
        { "content-type": "application/x-www-form-urlencoded" },
        "Action=PutMetricData&Version=2010-08-01",
      ),
      "cloudwatch:PutMetricData (query)",
    );
  });

  it("chooses among S3's operations by query keys and headers", () => {
    const cases: [method: string, url: string, operation: string, headers?: Record<string, string>][] = [
      ["GET", "/", "ListBuckets"],
      ["PUT", "/b", "CreateBucket"],
      ["GET", "/b?list-type=2&prefix=x%2F", "ListObjectsV2"],
      ["GET", "/b/?versions", "ListObjectVersions"],
      ["GET", "/b?policy", "GetBucketPolicy"],
      ["PUT", "/b?lifecycle", "PutBucketLifecycleConfiguration"],
      ["PUT", "/b?notification", "PutBucketNotificationConfiguration"],
      ["POST", "/b?delete", "DeleteObjects"],
      ["GET", "/b/a/key?x-id=GetObject", "GetObject"],
      ["GET", "/b/a/key?uploadId=u", "ListParts"],
      ["PUT", "/b/a/key", "PutObject"],
      ["PUT", "/b/a/key", "CopyObject", { "x-amz-copy-source": "b/c" }],
      ["PUT", "/b/a/key?partNumber=1&uploadId=u", "UploadPart"],
      ["PUT", "/b/a/key?partNumber=1&uploadId=u", "UploadPartCopy", { "x-amz-copy-source": "b/c" }],
      ["POST", "/b/a/key?uploads", "CreateMultipartUpload"],
      ["POST", "/b/a/key?uploadId=u", "CompleteMultipartUpload"],
      ["PUT", "/b/a/key?tagging", "PutObjectTagging"],
      ["HEAD", "/b/a/key", "HeadObject"],
      ["HEAD", "/b", "HeadBucket"],
    ];
    for (const [method, url, operation, headers] of cases)
      assert.equal(route("s3", method, url, headers), `s3:${operation} (rest-xml)`, `${method} ${url}`);
  });

  it("routes every operation of Lambda's model to itself", () => {
    const models = new BotocoreModels({ venv });
    const model = models.service("lambda");
    for (const operation of model.operationNames) {
      const http = model.http(operation);
      const required =
        model
          .operation(operation)
          ?.input?.shape.members.filter((member) => member.required && member.location === "querystring")
          .map((member) => `${member.locationName}=x`) ?? [];
      const [path, literal] = http.requestUri.split("?");
      const url = `${path!.replace(/\{[^}]+\}/g, "name")}?${[literal, ...required].filter(Boolean).join("&")}`;
      assert.equal(route("lambda", http.method, url), `lambda:${operation} (rest-json)`);
    }
  });

  it("says so when nothing fits", () => {
    assert.throws(() => route("nosuch", "POST", "/"), /no AWS service with the signing name "nosuch"/);
    assert.throws(() => route("lambda", "POST", "/no/such/path"), /No operation of lambda fits POST \/no\/such\/path/);
  });
});
