import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { Bench, roleIsNew } from "../../../automation/probe/bench";
import { documentsOf } from "../../../scripts/probe/place";

const minuteSeconds = 0.05;
const bench = (minutes: number) =>
  new Bench({
    session: { region: "eu-central-1" },
    accountId: "123456789012",
    prefix: "peregrine-probe-abc-x",
    documents: undefined as never,
    model: undefined,
    minutes,
    pace: { pollSeconds: 0.005, minuteSeconds },
    note: () => undefined,
  });
const seconds = async (act: Promise<unknown>) =>
  ((began) => act.then(() => (performance.now() - began) / 1000))(performance.now());

describe("the bench of an experiment", () => {
  it("waits for no longer than the experiment has minutes, however long it is asked to", async () => {
    const one = bench(4);
    assert.ok((await seconds(one.until(60, async () => undefined))) < 10 * minuteSeconds);
    assert.ok((await seconds(one.until(60, async () => undefined))) < minuteSeconds, "the minutes are over");
  });

  it("looks once more when they are over, and sees what is there", async () => {
    const one = bench(0);
    assert.equal(await one.until(60, async () => "there"), "there");
  });

  it("tries again while an error says that it is too early, and throws any other, and the last", async () => {
    const one = bench(10);
    let tries = 0;
    assert.equal(
      await one.settled(5, /not yet/, async () => (++tries < 3 ? Promise.reject(new Error("not yet")) : tries)),
      3,
    );
    await assert.rejects(
      one.settled(5, /not yet/, () => Promise.reject(new Error("never"))),
      /never/,
    );
    await assert.rejects(
      one.settled(1, /not yet/, () => Promise.reject(new Error("not yet"))),
      /not yet/,
    );
  });

  it("measures in the experiment's own time", async () => {
    const read = bench(10).watch();
    const began = performance.now();
    await delay(50);
    const least = (performance.now() - began) / 1000;
    assert.ok(read() >= (least / minuteSeconds) * 60);
  });
});

describe("a role that services do not know yet", () => {
  it("is told from one that may not do something, whose session is called after it", () => {
    for (const words of [
      "The role defined for the function cannot be assumed by Lambda.",
      "User: sagemaker.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: x",
      "Could not assume role arn:aws:iam::1:role/x. Please ensure that the role exists",
    ])
      assert.match(words, roleIsNew);
    assert.doesNotMatch(
      "User: arn:aws:sts::1:assumed-role/x/SageMaker is not authorized to perform: sagemaker:CreateModelPackage",
      roleIsNew,
    );
  });
});

describe("the program's documents for an experiment", () => {
  const session = { region: "eu-central-1" };
  it("are those of the environment, about the experiment's own key, bucket and group", async () => {
    const { roleOf } = await documentsOf(session, "dev", "123456789012");
    const own = {
      keyAlias: "alias/peregrine-probe-key",
      artifactsBucket: "peregrine-probe-bucket",
      modelPackageGroup: "peregrine-probe-group",
    };
    const [program, asked] = ["studio-ml-engineer", "mlflow", "pipeline-execution"]
      .map((role) => [roleOf(role, {}), roleOf(role, own)].map((one) => JSON.stringify(one)))
      .reduce(([a, b], [c, d]) => [a! + c!, b! + d!]);
    assert.notEqual(program, asked);
    const back = asked!
      .replaceAll(own.keyAlias, "alias/peregrine-dev")
      .replaceAll(own.artifactsBucket, "peregrine-dev-artifacts-123456789012")
      .replaceAll(own.modelPackageGroup, "peregrine-dev-detector");
    assert.equal(back, program);
  });

  it("are none for a role that the program does not have", async () => {
    const { roleOf } = await documentsOf(session, "dev", "123456789012");
    assert.throws(() => roleOf("nobody", {}), /no role nobody in dev/);
  });
});
