import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { authenticate, type KeyHolder } from "../../../local/gateway/authenticate";
import { readUrl, type Incoming } from "../../../local/gateway/http";
import { readSignature } from "../../../local/gateway/signature";
import type { AwsError } from "../../../local/errors";
import type { Protocol } from "../../../local/model/shapes";

const nowMs = Date.UTC(2026, 10, 24, 12);

describe("authentication", () => {
  const principal = {
    type: "role",
    arn: "arn:aws:sts::111122223333:assumed-role/r/s",
    accountId: "111122223333",
    id: "AROA:s",
  } as const;
  const session: KeyHolder = { secretAccessKey: "secret", sessionToken: "token", principal, expiresMs: nowMs + 1000 };

  /** A request signed as an SDK would sign it. */
  function signed(
    service: string,
    {
      secret = "secret",
      token = "token",
      body = "{}",
      bodyHash,
    }: { secret?: string; token?: string; body?: string; bodyHash?: string } = {},
  ): Incoming {
    const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
    const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
    const headers: Record<string, string> = {
      host: "h",
      "x-amz-content-sha256": bodyHash ?? hash(body),
      "x-amz-date": "20261124T120000Z",
      "x-amz-security-token": token,
    };
    const names = Object.keys(headers).sort();
    const canonical = [
      "POST",
      "/",
      "",
      ...names.map((name) => `${name}:${headers[name]}`),
      "",
      names.join(";"),
      headers["x-amz-content-sha256"],
    ].join("\n");
    const scope = `20261124/eu-central-1/${service}/aws4_request`;
    const key = ["eu-central-1", service, "aws4_request"].reduce<Buffer>(
      (held, part) => hmac(held, part),
      hmac(`AWS4${secret}`, "20261124"),
    );
    const signature = hmac(
      key,
      ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hash(canonical)].join("\n"),
    ).toString("hex");
    headers["authorization"] =
      `AWS4-HMAC-SHA256 Credential=ASIASESSION/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
    return { method: "POST", url: "/", headers, body: Buffer.from(body), ...readUrl("/") };
  }

  function outcome(request: Incoming, protocol: Protocol, at = nowMs): string {
    try {
      return authenticate(
        request,
        readSignature(request),
        (id) => (id === "ASIASESSION" ? session : undefined),
        protocol,
        at,
      ).arn;
    } catch (error) {
      return `${(error as AwsError).code} ${(error as AwsError).status}`;
    }
  }

  it("knows a session by key, secret and token", () => {
    assert.equal(outcome(signed("sagemaker"), "json"), principal.arn);
  });

  it("refuses a wrong secret in each protocol's words", () => {
    assert.equal(outcome(signed("sagemaker", { secret: "x" }), "json"), "InvalidSignatureException 400");
    assert.equal(outcome(signed("iam", { secret: "x" }), "query"), "SignatureDoesNotMatch 403");
    assert.equal(outcome(signed("lambda", { secret: "x" }), "rest-json"), "InvalidSignatureException 403");
    assert.equal(outcome(signed("s3", { secret: "x" }), "rest-xml"), "SignatureDoesNotMatch 403");
  });

  it("refuses a token of another session", () => {
    assert.equal(outcome(signed("sagemaker", { token: "other" }), "json"), "UnrecognizedClientException 400");
    assert.equal(outcome(signed("s3", { token: "other" }), "rest-xml"), "InvalidToken 400");
  });

  it("refuses a session that has ended", () => {
    assert.equal(outcome(signed("sagemaker"), "json", nowMs + 2000), "ExpiredTokenException 400");
    assert.equal(outcome(signed("sts"), "query", nowMs + 2000), "ExpiredToken 403");
    assert.equal(outcome(signed("s3"), "rest-xml", nowMs + 2000), "ExpiredToken 400");
  });

  it("refuses a body that is not the one that was signed", () => {
    const request = signed("sagemaker");
    const { "x-amz-content-sha256": _hash, ...headers } = request.headers;
    assert.equal(
      outcome({ ...request, headers, body: Buffer.from('{"changed":1}') }, "json"),
      "InvalidSignatureException 400",
    );
    assert.equal(
      outcome({ ...signed("s3"), body: Buffer.from("changed") }, "rest-xml"),
      "XAmzContentSHA256Mismatch 400",
    );
  });

  it("takes a streamed body that signs its parts by itself", () => {
    assert.equal(outcome(signed("s3", { bodyHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER" }), "rest-xml"), principal.arn);
  });

  it("refuses a request without a signature", () => {
    assert.equal(outcome({ ...signed("sagemaker"), headers: {} }, "json"), "MissingAuthenticationTokenException 400");
    assert.equal(outcome({ ...signed("iam"), headers: {} }, "query"), "MissingAuthenticationToken 403");
  });
});
