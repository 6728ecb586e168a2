import assert from "node:assert/strict";
import { Sha256 } from "@aws-crypto/sha256-js";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionUrlConfigsCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionUrlConfigCommand,
} from "@aws-sdk/client-lambda";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { SignatureV4 } from "@smithy/signature-v4";
import AdmZip from "adm-zip";
import type { LocalCloud } from "../../../../local/server";
import { sdkConfig, startTestCloud } from "../../support";

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Answers what it was told, or what the query asks for. */
const echo = `exports.handler = async (event) => {
  const { answer } = event.queryStringParameters ?? {};
  if (answer === "fail") throw new Error("no");
  if (answer === "plain") return { plain: true };
  if (answer === "odd") return { statusCode: "x" };
  return { statusCode: 201, headers: { "X-Told": "yes" }, body: JSON.stringify(event) };
};`;

/** Signs as an independent client does. */
async function request(
  url: string,
  keys: Keys | undefined,
  { body = "", type = "application/json", service = "lambda" } = {},
): Promise<Response> {
  const { protocol, hostname, port, host, pathname, searchParams } = new URL(url);
  const unsigned = {
    method: "POST",
    protocol,
    hostname,
    port: Number(port),
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { host, "content-type": type },
    body,
  };
  const signed = keys
    ? await new SignatureV4({ credentials: keys, region: "eu-central-1", service, sha256: Sha256 }).sign(unsigned)
    : unsigned;
  return fetch(url, { method: "POST", headers: signed.headers, body });
}

describe("function URLs", () => {
  let local: LocalCloud;
  let lambda: LambdaClient;
  let iam: IAMClient;
  let url: string;

  before(async () => {
    local = await startTestCloud();
    lambda = new LambdaClient(sdkConfig(local));
    iam = new IAMClient(sdkConfig(local));
    await iam.send(
      new CreateRoleCommand({ RoleName: "fn", AssumeRolePolicyDocument: trust({ Service: "lambda.amazonaws.com" }) }),
    );
    const zip = new AdmZip();
    zip.addFile("index.js", Buffer.from(echo));
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: "echo",
        Role: "arn:aws:iam::111122223333:role/fn",
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Code: { ZipFile: zip.toBuffer() },
      }),
    );
    const made = await lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: "echo", AuthType: "AWS_IAM" }));
    url = made.FunctionUrl!;
  });
  after(() => local.stop());

  const trust = (principal: object): string =>
    JSON.stringify({ Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" }] });

  /** Keys of a session of a role that may do so much and no more. */
  async function keysOf(role: string, statements: readonly object[]): Promise<Keys> {
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: role,
        AssumeRolePolicyDocument: trust({ AWS: "arn:aws:iam::111122223333:root" }),
      }),
    );
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: statements });
    await iam.send(new PutRolePolicyCommand({ RoleName: role, PolicyName: "p", PolicyDocument }));
    const { Credentials } = await new STSClient(sdkConfig(local)).send(
      new AssumeRoleCommand({ RoleArn: Role!.Arn, RoleSessionName: "ada" }),
    );
    return {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken,
    };
  }
  const allow = (Action: string, Condition?: object): object => ({
    Effect: "Allow",
    Action,
    Resource: "*",
    ...(Condition ? { Condition } : {}),
  });
  const viaUrl = { Bool: { "lambda:InvokedViaFunctionUrl": "true" } };

  it("are made once, described, changed and listed", async () => {
    const described = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: "echo" }));
    assert.deepEqual(
      [described.FunctionUrl, described.AuthType, described.InvokeMode, described.FunctionArn],
      [url, "AWS_IAM", "BUFFERED", "arn:aws:lambda:eu-central-1:111122223333:function:echo"],
    );
    await assert.rejects(
      lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: "echo", AuthType: "AWS_IAM" })),
      { name: "ResourceConflictException" },
    );
    await assert.rejects(
      lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: "nobody", AuthType: "AWS_IAM" })),
      { name: "ResourceNotFoundException" },
    );
    await assert.rejects(lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: "echo", AuthType: "NONE" })), {
      name: "InvalidParameterValueException",
    });
    const cors = { AllowOrigins: ["https://example.org"] };
    await lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: "echo", Cors: cors }));
    const { FunctionUrlConfigs } = await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName: "echo" }));
    assert.deepEqual(
      FunctionUrlConfigs!.map(({ Cors }) => Cors?.AllowOrigins),
      [cors.AllowOrigins],
    );
  });

  it("give the function the request in payload format 2.0, with who signed it", async () => {
    const keys = await keysOf("caller", [allow("lambda:InvokeFunctionUrl"), allow("lambda:InvokeFunction", viaUrl)]);
    const answer = await request(`${url}some/path?a=1&b=x%20y`, keys, { body: '{"x":1}' });
    assert.deepEqual([answer.status, answer.headers.get("x-told")], [201, "yes"]);
    const event = (await answer.json()) as Record<string, never> & {
      requestContext: Record<string, Record<string, unknown>>;
    };
    assert.deepEqual(
      [event["version"], event["rawPath"], event["rawQueryString"], event["body"], event["isBase64Encoded"]],
      ["2.0", "/some/path", "a=1&b=x%20y", '{"x":1}', false],
    );
    assert.deepEqual(event["queryStringParameters"], { a: "1", b: "x y" });
    const { iam: who } = event.requestContext["authorizer"] as { iam: Record<string, string> };
    assert.equal(who["userArn"], "arn:aws:sts::111122223333:assumed-role/caller/ada");
    assert.match(who["userId"]!, /^AROA\w+:ada$/);
    assert.equal(event.requestContext["http"]!["method"], "POST");
    assert.match(String(event.requestContext["time"]), /^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    const binary = (await (await request(url, keys, { body: "ABC", type: "image/jpeg" })).json()) as Record<
      string,
      unknown
    >;
    assert.deepEqual([binary["body"], binary["isBase64Encoded"]], ["QUJD", true]);
  });

  it("need both rights; the second may hold for function URLs alone", async () => {
    const onlyUrl = await keysOf("only-url", [allow("lambda:InvokeFunctionUrl")]);
    const onlyInvoke = await keysOf("only-invoke", [allow("lambda:InvokeFunction")]);
    const both = await keysOf("both", [allow("lambda:InvokeFunctionUrl"), allow("lambda:InvokeFunction", viaUrl)]);
    const wrongAuth = await keysOf("wrong-auth", [
      allow("lambda:InvokeFunctionUrl", { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } }),
      allow("lambda:InvokeFunction", viaUrl),
    ]);
    const statuses = [];
    for (const keys of [onlyUrl, onlyInvoke, wrongAuth, both]) statuses.push((await request(url, keys)).status);
    assert.deepEqual(statuses, [403, 403, 403, 201]);
    const direct = new LambdaClient({ ...sdkConfig(local), credentials: both });
    await assert.rejects(direct.send(new InvokeCommand({ FunctionName: "echo" })), { name: "AccessDeniedException" });
  });

  it("refuse who signs nothing, for another service, or with a wrong key", async () => {
    const { accessKeyId, secretAccessKey } = local.administrator;
    assert.equal((await request(url, undefined)).status, 403);
    assert.equal((await request(url, { accessKeyId, secretAccessKey }, { service: "s3" })).status, 403);
    assert.equal((await request(url, { accessKeyId, secretAccessKey: "wrong" })).status, 403);
    assert.equal((await request(url.replace(/\w{32}/, "0".repeat(32)), { accessKeyId, secretAccessKey })).status, 403);
  });

  it("say that a function failed, and take what it answers without a status as JSON", async () => {
    const keys = local.administrator;
    assert.equal((await request(`${url}?answer=fail`, keys)).status, 502);
    assert.equal((await request(`${url}?answer=odd`, keys)).status, 502);
    const plain = await request(`${url}?answer=plain`, keys);
    assert.deepEqual([plain.status, await plain.json()], [200, { plain: true }]);
  });

  it("refuse bodies over 6 MB, and all requests of a function that is switched off", async () => {
    const keys = local.administrator;
    assert.equal((await request(url, keys, { body: "x".repeat(6_291_557) })).status, 413);
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "echo", ReservedConcurrentExecutions: 0 }));
    assert.equal((await request(url, keys)).status, 429);
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "echo", ReservedConcurrentExecutions: 1 }));
    const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await request(url, keys)).status));
    assert.ok(statuses.includes(429) && statuses.includes(201));
  });

  it("may be opened to others by the function's policy", async () => {
    const permission = { FunctionName: "echo", Principal: "444455556666" };
    await lambda.send(
      new AddPermissionCommand({
        ...permission,
        StatementId: "url",
        Action: "lambda:InvokeFunctionUrl",
        FunctionUrlAuthType: "AWS_IAM",
      }),
    );
    await lambda.send(
      new AddPermissionCommand({
        ...permission,
        StatementId: "via",
        Action: "lambda:InvokeFunction",
        InvokedViaFunctionUrl: true,
      }),
    );
    const { Policy } = await lambda.send(new GetPolicyCommand({ FunctionName: "echo" }));
    const { Statement } = JSON.parse(Policy!) as { Statement: { Condition: unknown }[] };
    assert.deepEqual(
      Statement.map(({ Condition }) => Condition),
      [{ StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } }, viaUrl],
    );
  });

  it("go with their function, or alone", async () => {
    await lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName: "echo" }));
    await assert.rejects(lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: "echo" })), {
      name: "ResourceNotFoundException",
    });
    const again = await lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: "echo", AuthType: "AWS_IAM" }));
    assert.equal(again.FunctionUrl, url);
    await lambda.send(new DeleteFunctionCommand({ FunctionName: "echo" }));
    assert.equal((await request(url, local.administrator)).status, 403);
  });
});
