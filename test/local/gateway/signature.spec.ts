import assert from "node:assert/strict";
import { readUrl, type Incoming } from "../../../local/gateway/http";
import { readSignature, signatureFits } from "../../../local/gateway/signature";

const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

function request(method: string, url: string, headers: Record<string, string>, body = ""): Incoming {
  return { method, url, headers, body: Buffer.from(body), ...readUrl(url) };
}

/** Examples that AWS publishes: the SigV4 test suite, and the S3 documentation of presigned URLs. */
describe("SigV4 signatures", () => {
  const authorization =
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
  const vanilla = request("GET", "/", {
    host: "example.amazonaws.com",
    "x-amz-date": "20150830T123600Z",
    authorization,
  });

  it("recognises AWS's get-vanilla example", () => {
    const signature = readSignature(vanilla)!;
    assert.equal(signature.accessKeyId, "AKIDEXAMPLE");
    assert.equal(signature.service, "service");
    assert.equal(signatureFits(vanilla, signature, secret), true);
  });

  it("refuses another secret, a changed header and a changed path", () => {
    const signature = readSignature(vanilla)!;
    assert.equal(signatureFits(vanilla, signature, `${secret}x`), false);
    assert.equal(
      signatureFits({ ...vanilla, headers: { ...vanilla.headers, host: "other.amazonaws.com" } }, signature, secret),
      false,
    );
    assert.equal(signatureFits({ ...vanilla, path: "/other" }, signature, secret), false);
  });

  it("recognises AWS's example of a presigned S3 URL", () => {
    const url =
      "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400" +
      "&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    const presigned = request("GET", url, { host: "examplebucket.s3.amazonaws.com" });
    const signature = readSignature(presigned)!;
    assert.equal(signature.expiresSeconds, 86400);
    assert.equal(signatureFits(presigned, signature, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), true);
  });

  it("sees no signature where there is none", () => {
    assert.equal(readSignature(request("GET", "/", { authorization: "Basic abc" })), undefined);
    assert.equal(readSignature(request("GET", "/?X-Amz-Algorithm=AWS4-HMAC-SHA256", {})), undefined);
  });
});
