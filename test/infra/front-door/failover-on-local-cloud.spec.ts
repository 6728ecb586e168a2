import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { setTimeout as delay } from "node:timers/promises";
import type { UrlAnswer } from "../../../aws/function-url";
import {
  doorHeader,
  failoverLedgerKey,
  type HeldReceipt,
  type Rung,
  rungEndpoint,
  rungs,
} from "../../../contract/front-door";
import { alertDetail } from "../../../contract/monitoring";
import type { FaultInput } from "../../../local/faults/kinds";
import { readLine, verifyChain } from "../../../records/chain";
import { failoverReport } from "../../../automation/failover/report";
import { enter, repository, venv } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";
import { eventually } from "../../support/eventually";
import { DoorAccount, timeoutSeconds } from "./deployed-door";

const champion = rungEndpoint("prod", "champion");
const serverOf = ({ headers }: UrlAnswer): string | undefined => headers[doorHeader.server];

/** A fault of the champion, or of what the door itself uses; and who is right to answer while it lasts. */
interface Planted {
  readonly name: string;
  readonly fault: FaultInput;
  /** `champion`: what is not the champion's failure, or not enough of one, takes it out of service in no case. */
  readonly right: Rung;
}
const serving = { endpoint: champion } as const;
const planted: readonly Planted[] = [
  { name: "the process is killed, again and again", fault: { kind: "crash", ...serving }, right: "standby" },
  { name: "the process dies of each request", fault: { kind: "out-of-memory", ...serving }, right: "standby" },
  { name: "every request fails", fault: { kind: "error", ...serving, status: 500 }, right: "standby" },
  { name: "every request is called wrong", fault: { kind: "error", ...serving, status: 400 }, right: "standby" },
  { name: "no request is answered", fault: { kind: "hang", ...serving }, right: "standby" },
  {
    name: "every answer comes too late",
    fault: { kind: "slow", ...serving, delayMs: timeoutSeconds * 1000 + 1500 },
    right: "standby",
  },
  { name: "every answer is nonsense", fault: { kind: "absurd", ...serving }, right: "standby" },
  { name: "every request is one too many", fault: { kind: "error", ...serving, status: 429 }, right: "standby" },
  { name: "answers are slow, and in time", fault: { kind: "slow", ...serving, delayMs: 200 }, right: "champion" },
  { name: "nothing is found in any image", fault: { kind: "empty", ...serving }, right: "champion" },
  {
    name: "a request is throttled",
    fault: { kind: "throttling", service: "sagemaker-runtime", operation: "InvokeEndpoint", times: 1 },
    right: "champion",
  },
  {
    name: "the state of the breakers cannot be read",
    fault: {
      kind: "reject-request",
      service: "s3",
      operation: "GetObject",
      code: "InternalError",
      message: "We encountered an internal error.",
      status: 500,
    },
    right: "champion",
  },
];

/** The door as it is deployed, behind its URL, under the roles of the program; its models are processes. */
describe("failover on the local cloud", function () {
  let account: DoorAccount;
  before(async () => {
    account = await DoorAccount.start();
  });
  after(() => account?.stop());
  const faults = () => account.governed.local.cloud.faults;
  /** A fault that struck as often as it should is gone by itself. */
  const clear = (id: string): void => {
    const there = faults()
      .list()
      .map((fault) => fault.id);
    faults().clear(there.filter((one) => one === id));
  };

  it("answers by the champion as long as it can", async () => {
    const answer = await account.send();
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual([serverOf(answer), answer.headers[doorHeader.variant]], ["champion", "champion"]);
    assert.match(answer.headers[doorHeader.inferenceId]!, /^flight-7\//);
    assert.equal((JSON.parse(answer.body) as { model: { sha256: string } }).model.sha256, "champion");
  });

  for (const { name, fault, right } of planted)
    it(`loses no request while ${name}, and then is right about who serves (${right})`, async () => {
      await account.calm();
      const { id } = faults().add(fault);
      const answers: UrlAnswer[] = [];
      for (let count = 0; count < 8; count += 1) answers.push(await account.send());
      clear(id);
      assert.deepEqual(
        answers.map(({ status }) => status),
        answers.map(() => 200),
      );
      const late = answers.slice(-3).map(serverOf);
      assert.deepEqual(late, [right, right, right]);
      await eventually(async () => assert.equal(serverOf(await account.send()), "champion"));
    });

  it("answers the request in flight and the next one by the fallback when the serving process is killed", async () => {
    await account.calm();
    const inFlight = account.send("flight-8");
    const { id } = faults().add({ kind: "crash", endpoint: champion });
    const next = await account.send("flight-8");
    assert.deepEqual([(await inFlight).status, next.status, serverOf(next)], [200, 200, "standby"]);
    faults().clear([id]);
  });

  it("goes down rung by rung, holds what nobody can answer, and answers it later", async () => {
    await account.calm();
    const ids = new Map<Rung, string>();
    for (const rung of rungs) {
      ids.set(rung, faults().add({ kind: "error", endpoint: rungEndpoint("prod", rung), status: 500 }).id);
      const expected = rungs[rungs.indexOf(rung) + 1] ?? "hold";
      for (let count = 0; count < 4; count += 1) assert.equal(serverOf(await account.send()), expected);
    }
    const held = await account.send("flight-9");
    assert.equal(held.status, 202);
    const receipt = JSON.parse(held.body) as HeldReceipt;
    assert.equal((await account.get(receipt.answer)).status, 202);
    faults().clear([ids.get("small")!]);
    const answer = await eventually(
      async () => {
        const found = await account.get(receipt.answer);
        assert.equal(found.status, 200, found.body);
        return found;
      },
      60_000,
      500,
    );
    assert.equal(serverOf(answer), "small");
    faults().clear([ids.get("champion")!, ids.get("standby")!]);
    await eventually(async () => assert.equal(serverOf(await account.send()), "champion"));
  });

  it("says that it could keep nothing where the queue fails, too", async () => {
    const broken = rungs.map((rung) =>
      faults().add({ kind: "error", endpoint: rungEndpoint("prod", rung), status: 500 }),
    );
    const reject = { kind: "reject-request", service: "sqs", operation: "SendMessage" } as const;
    broken.push(faults().add({ ...reject, code: "AWS.SimpleQueueService.UnsupportedOperation", message: "no" }));
    const answer = await account.send();
    assert.equal(answer.status, 503, answer.body);
    assert.match(answer.body, /send it again/);
    faults().clear(broken.map(({ id }) => id));
    await account.calm();
  });

  it("blames the request and not the champion for what is no image", async () => {
    for (let count = 0; count < 5; count += 1) {
      const answer = await account.send("flight-7", "no image");
      assert.deepEqual([answer.status, JSON.parse(answer.body)], [400, { message: "no image" }]);
    }
    assert.equal(serverOf(await account.send()), "champion");
  });

  it("refuses an image that is too big, as the door says it", async () => {
    const answer = await account.send("flight-7", Buffer.alloc(4_000_001));
    assert.equal(answer.status, 413);
    assert.match(answer.body, /tiles/);
  });

  it("keeps every flight with its variant while an experiment runs", async () => {
    await account.configure("experiment-1", [`${champion}-model`, `${rungEndpoint("prod", "small")}-model`]);
    await account.call("sagemaker", "UpdateEndpoint", { EndpointName: champion, EndpointConfigName: "experiment-1" });
    await account.inService(champion);
    // The door looks for variants every 30 seconds of the cloud.
    await delay(1000);
    const seen = new Map<string, Set<string>>();
    for (let round = 0; round < 3; round += 1)
      for (let flight = 0; flight < 12; flight += 1) {
        const { headers, status } = await account.send(`flight-${flight}`);
        assert.equal(status, 200);
        seen.set(`flight-${flight}`, (seen.get(`flight-${flight}`) ?? new Set()).add(headers[doorHeader.variant]!));
      }
    assert.ok([...seen.values()].every(({ size }) => size === 1));
    assert.deepEqual([...new Set([...seen.values()].flatMap((one) => [...one]))].sort(), ["challenger", "champion"]);
  });

  it("is asked by the clients of the documentation, in Python and in TypeScript", async () => {
    const folder = makeTemporaryFolder();
    const env = await account.clientEnvironment();
    const page = readFileSync(join(repository, "docs", "front-door.md"), "utf8");
    const code = (language: string): string => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)![1]!;
    const image = join(folder, "image.jpg");
    writeFileSync(image, "an image");
    const [python, typescript] = [join(folder, "client.py"), join(folder, "client.ts")];
    writeFileSync(
      python,
      `${code("python")}
import os, sys
status, headers, answer = detect(os.environ["DOOR"], open(sys.argv[1], "rb").read(), "flight-7")
print(status, headers["x-peregrine-server"], answer["model"]["sha256"])
try:
    fetch(os.environ["DOOR"], "flight 7/none")
except urllib.error.HTTPError as error:
    print(error.code)
`,
    );
    writeFileSync(
      typescript,
      `${code("ts")}
import { readFileSync } from "node:fs";
void (async () => {
  const door = process.env["DOOR"]!;
  const answer = await detect(door, readFileSync(process.argv[2]!), "flight-7");
  const { model } = (await answer.json()) as { model: { sha256: string } };
  console.log(answer.status, answer.headers.get("x-peregrine-server"), model.sha256);
  console.log((await fetchAnswer(door, "flight 7/none")).status);
})();
`,
    );
    // Modules are looked for beside the file.
    symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
    const register = join(repository, "scripts", "register.cjs");
    for (const [program, ...args] of [
      [join(venv, "bin", "python"), python, image],
      [process.execPath, "-r", register, typescript, image],
    ] as const) {
      const { stdout } = await promisify(execFile)(program, args, { env });
      assert.equal(stdout.trim(), "200 champion champion\n404", program);
    }
  });

  it("is reported with every switch, of an environment that has a front door", async () => {
    const leave = enter(account.governed.local, makeTemporaryFolder());
    try {
      const report = await failoverReport(account.environment({ frontDoorUrl: "https://door.example" }));
      assert.equal(report.url, "https://door.example");
      assert.ok(report.switches.length > 10);
      assert.ok(report.switches.every(({ by }) => by.includes(":function:peregrine-prod-")));
      await assert.rejects(failoverReport(account.environment({})), /prod has no front door/);
    } finally {
      leave();
    }
  });

  it("has told people of every switch that its ledger has, and the ledger's chain holds", async () => {
    const lines = (await account.object(failoverLedgerKey)).trimEnd().split("\n");
    assert.ok(verifyChain(lines).ok);
    const entries = lines.map((line) => readLine(line));
    const told: string[] = [];
    await eventually(async () => {
      for (const { detail, "detail-type": type } of await account.heard()) {
        assert.equal(type, "Server Switched");
        told.push(alertDetail.parse(detail).since!);
      }
      const at = entries.map((entry) => ("hash" in entry ? entry.at : ""));
      assert.deepEqual([...new Set(told)].sort(), [...new Set(at)].sort());
    }, 60_000);
  });
});
