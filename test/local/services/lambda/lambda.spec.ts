import assert from "node:assert/strict";
import AdmZip from "adm-zip";
import type { Members } from "../../../../local/members";
import { createLambda } from "../../../../local/services/lambda";
import { permissiveCloud, send, until } from "../permissive-cloud";
import { makeTemporaryFolder } from "../../../support/temporary-folder";

const Role = "arn:aws:iam::111122223333:role/fn";

function bundle(files: Record<string, string>): Buffer {
  const zip = new AdmZip();
  for (const [name, text] of Object.entries(files)) zip.addFile(name, Buffer.from(text));
  return zip.toBuffer();
}

function setUp(options: { speed?: number; stateDir?: string } = {}) {
  const { cloud, recorded } = permissiveCloud({ speed: 1, ...options });
  const lambda = createLambda(cloud, { gatewayUrl: "http://127.0.0.1:4599" });
  cloud.register(lambda);
  void lambda.start!();
  open.push(() => lambda.stop!());
  const create = (code: string, more: Members = {}, file = "index.js") =>
    send(cloud, "lambda", "CreateFunction", {
      FunctionName: "f",
      Role,
      Runtime: "nodejs20.x",
      Handler: "index.handler",
      Code: { ZipFile: bundle({ [file]: code }) },
      ...more,
    });
  const invoke = async (payload: unknown, more: Members = {}) => {
    const answer = await send(cloud, "lambda", "Invoke", {
      FunctionName: "f",
      Payload: Buffer.from(JSON.stringify(payload)),
      ...more,
    });
    return { ...answer, body: answer["Payload"] && JSON.parse(String(answer["Payload"])) } as Members;
  };
  return { cloud, recorded, lambda, create, invoke };
}

const open: (() => unknown)[] = [];

describe("lambda", () => {
  afterEach(() => {
    for (const close of open.splice(0)) void close();
  });

  it("runs the deployed bundle in a warm process, with its environment and context", async () => {
    const { create, invoke } = setUp();
    const created = await create(
      "let n = 0; exports.handler = async (event, context) => ({ n: ++n, pid: process.pid, event, greeting: process.env.GREETING, region: process.env.AWS_REGION, endpoint: process.env.AWS_ENDPOINT_URL, key: process.env.AWS_ACCESS_KEY_ID, name: context.functionName, left: context.getRemainingTimeInMillis(), home: process.env.HOME });",
      { Environment: { Variables: { GREETING: "hello" } } },
    );
    assert.equal(created["State"], "Active");
    assert.equal(created["FunctionArn"], "arn:aws:lambda:eu-central-1:111122223333:function:f");
    const first = await invoke({ a: 1 });
    assert.equal(first["StatusCode"], 200);
    assert.equal(first["FunctionError"], undefined);
    const { n, event, greeting, region, endpoint, key, name, left, home } = first["body"];
    assert.deepEqual(
      { n, event, greeting, region, endpoint, key, name, home },
      {
        n: 1,
        event: { a: 1 },
        greeting: "hello",
        region: "eu-central-1",
        endpoint: "http://127.0.0.1:4599",
        key: "ASIATEST",
        name: "f",
        home: undefined,
      },
    );
    assert.ok(left > 0 && left <= 3000);
    const second = await invoke({});
    assert.equal(second["body"].n, 2);
    assert.equal(second["body"].pid, first["body"].pid);
  });

  it("writes START, console lines, END and REPORT to the function's log group", async () => {
    const { create, invoke, recorded } = setUp();
    await create(
      "exports.handler = async () => { console.log('hello %s', 'world'); process.stdout.write('raw\\n'); return 1; };",
    );
    const answer = await invoke({}, { LogType: "Tail" });
    const { group, lines } = recorded.logs[0]!;
    assert.equal(group, "/aws/lambda/f");
    assert.match(lines[0]!, /^START RequestId: \S+ Version: \$LATEST$/);
    assert.match(lines[1]!, /\tINFO\thello world$/);
    assert.equal(lines[2], "raw");
    assert.match(lines.at(-2)!, /^END RequestId: /);
    assert.match(
      lines.at(-1)!,
      /^REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: /,
    );
    assert.match(Buffer.from(answer["LogResult"], "base64").toString(), /hello world/);
    assert.deepEqual(
      recorded.samples.map(({ name }) => name),
      ["Invocations", "Errors", "Duration"],
    );
  });

  const failures: readonly [name: string, code: string, check: (body: Members) => void][] = [
    [
      "a thrown error",
      "exports.handler = async () => { throw new TypeError('no way'); };",
      (body) => (
        assert.equal(body["errorType"], "TypeError"),
        assert.equal(body["errorMessage"], "no way"),
        assert.match(body["trace"].join("\n"), /index\.js/)
      ),
    ],
    [
      "a missing handler",
      "exports.other = 1;",
      (body) =>
        assert.deepEqual(
          [body["errorType"], body["errorMessage"]],
          ["Runtime.HandlerNotFound", "index.handler is undefined or not exported"],
        ),
    ],
    [
      "a missing module",
      "require('nowhere-to-be-found'); exports.handler = () => 1;",
      (body) => (
        assert.equal(body["errorType"], "Runtime.ImportModuleError"),
        assert.match(body["errorMessage"], /Cannot find module 'nowhere-to-be-found'/)
      ),
    ],
    ["a syntax error", "exports.handler = ;", (body) => assert.equal(body["errorType"], "Runtime.UserCodeSyntaxError")],
    [
      "an exit",
      "exports.handler = () => process.exit(3);",
      (body) => (
        assert.equal(body["errorType"], "Runtime.ExitError"),
        assert.match(body["errorMessage"], /exit status 3/)
      ),
    ],
    [
      "a timeout",
      "exports.handler = () => new Promise(() => setInterval(() => 0, 1000));",
      (body) => (
        assert.equal(body["errorType"], "Sandbox.Timedout"),
        assert.match(body["errorMessage"], /Task timed out after 1\.00 seconds/)
      ),
    ],
    [
      "a busy loop",
      "exports.handler = async () => { for (;;); };",
      (body) => assert.equal(body["errorType"], "Sandbox.Timedout"),
    ],
  ];
  for (const [name, code, check] of failures) {
    it(`answers ${name} as an unhandled error, and the next call gets a new process`, async () => {
      const { create, invoke } = setUp();
      await create(code, { Timeout: 1 });
      const answer = await invoke({});
      assert.equal(answer["StatusCode"], 200);
      assert.equal(answer["FunctionError"], "Unhandled");
      check(answer["body"]);
      const again = await invoke({});
      check(again["body"]);
    });
  }

  it("runs ES modules and callbacks", async () => {
    const modules = setUp();
    await modules.create("export const handler = async () => 'module';", {}, "index.mjs");
    assert.equal((await modules.invoke({}))["body"], "module");
    const callbacks = setUp();
    await callbacks.create("exports.handler = (event, context, done) => setTimeout(() => done(null, event.x + 1), 5);");
    assert.equal((await callbacks.invoke({ x: 1 }))["body"], 2);
  });

  it("uses new code and configuration from the next invocation on", async () => {
    const { cloud, create, invoke } = setUp();
    await create("exports.handler = async () => 1;");
    assert.equal((await invoke({}))["body"], 1);
    const updated = await send(cloud, "lambda", "UpdateFunctionCode", {
      FunctionName: "f",
      ZipFile: bundle({ "index.js": "exports.handler = async () => process.env.X;" }),
    });
    assert.equal(updated["LastUpdateStatus"], "Successful");
    await send(cloud, "lambda", "UpdateFunctionConfiguration", {
      FunctionName: "f",
      Environment: { Variables: { X: "two" } },
    });
    assert.equal((await invoke({}))["body"], "two");
  });

  it("handles concurrent events in more than one process", async () => {
    const { create, invoke } = setUp();
    await create(
      "exports.handler = async () => { await new Promise((r) => setTimeout(r, 300)); return process.pid; };",
    );
    const pids = (await Promise.all([invoke({}), invoke({})])).map((answer) => answer["body"]);
    assert.notEqual(pids[0], pids[1]);
  });

  it("retries asynchronous events twice, in cloud time", async () => {
    const { create, invoke, lambda, recorded } = setUp({ speed: 3600 });
    await create("exports.handler = async () => { throw new Error('always'); };");
    assert.equal((await invoke({}, { InvocationType: "Event" }))["StatusCode"], 202);
    await lambda.settled();
    assert.equal(recorded.logs.length, 3);
  });

  it("handles after a restart what was queued when the cloud was killed", async () => {
    const stateDir = makeTemporaryFolder("lambda-test");
    const first = setUp({ stateDir });
    await first.create(
      "exports.handler = async (event) => { console.log('got', event.x); if (process.env.FAIL) throw new Error('x'); };",
    );
    await first.lambda.stop!();
    await first.invoke({ x: 7 }, { InvocationType: "Event" });
    first.cloud.journal.flush();
    const second = setUp({ stateDir });
    await second.lambda.settled();
    await until(() => second.recorded.logs.length === 1, "the event was handled");
    assert.match(second.recorded.logs[0]!.lines.join("\n"), /got 7/);
  });

  it("keeps a resource policy that names who may invoke", async () => {
    const { cloud, create, lambda } = setUp();
    await create("exports.handler = async () => 1;");
    const input = {
      FunctionName: "f",
      StatementId: "events",
      Action: "lambda:InvokeFunction",
      Principal: "events.amazonaws.com",
      SourceArn: "arn:aws:events:eu-central-1:111122223333:rule/r",
    };
    await send(cloud, "lambda", "AddPermission", input);
    await assert.rejects(send(cloud, "lambda", "AddPermission", input), { name: "ResourceConflictException" });
    const policy = JSON.parse(lambda.resourcePolicyOf!("arn:aws:lambda:eu-central-1:111122223333:function:f")!);
    assert.deepEqual(policy.Statement[0], {
      Sid: "events",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "lambda:InvokeFunction",
      Resource: "arn:aws:lambda:eu-central-1:111122223333:function:f",
      Condition: { ArnLike: { "AWS:SourceArn": input.SourceArn } },
    });
    await send(cloud, "lambda", "RemovePermission", { FunctionName: "f", StatementId: "events" });
    await assert.rejects(send(cloud, "lambda", "GetPolicy", { FunctionName: "f" }), {
      name: "ResourceNotFoundException",
    });
  });

  it("refuses what Lambda or the local cloud cannot run", async () => {
    const { create, invoke, cloud } = setUp();
    await assert.rejects(create("", { Runtime: "python3.12" }), /not run by the local cloud/);
    await assert.rejects(create("", { Environment: { Variables: { AWS_REGION: "x" } } }), /reserved keys/);
    await assert.rejects(create("", { Code: { ZipFile: Buffer.from("no zip") } }), /Could not unzip uploaded file/);
    await assert.rejects(invoke({}), /Function not found: arn:aws:lambda:eu-central-1:111122223333:function:f/);
    await create("exports.handler = async () => 1;");
    await assert.rejects(create("exports.handler = async () => 1;"), { name: "ResourceConflictException" });
    await send(cloud, "lambda", "DeleteFunction", { FunctionName: "f" });
    await assert.rejects(send(cloud, "lambda", "GetFunction", { FunctionName: "f" }), {
      name: "ResourceNotFoundException",
    });
  });
});
