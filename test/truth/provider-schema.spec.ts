import assert from "node:assert/strict";
import { environments } from "../../infra/settings";
import { built } from "../support/build";
import { programOf } from "../support/programs";
import { rulesOf, ruleProblems } from "../support/provider-rules";

describe("what the program registers, by the AWS provider's own rules", function () {
  this.timeout(120_000);
  for (const stack of environments)
    for (const [title, recorded] of [["without a release", async () => (await built(stack)).recorder], ["with a release", () => programOf(stack)]] as const)
      it(`has inputs that exist, go together and have values that are listed: ${stack} ${title}`, async () => {
        const resources = (await recorded()).resources.filter(({ type }) => type.startsWith("aws:"));
        assert.ok(resources.length > 80, String(resources.length));
        assert.deepEqual(resources.flatMap(({ type, name, inputs }) => ruleProblems(type, inputs).map((problem) => `${type} ${name}: ${problem}`)), []);
      });

  it("rests on rules that are read, not on none", async () => {
    const types = new Set((await programOf("prod")).resources.map(({ type }) => type).filter((type) => type.startsWith("aws:")));
    const rules = [...types].map((type) => rulesOf(type)!);
    assert.ok(rules.every((one) => one.size > 0));
    const all = rules.flatMap((one) => [...one.values()]);
    assert.ok(all.filter(({ required }) => required).length > 40 && all.filter(({ values }) => values.length > 1).length > 10 && all.filter(({ conflicts }) => conflicts.length > 0).length > 10, JSON.stringify([all.filter(({ required }) => required).length, all.filter(({ values }) => values.length > 1).length, all.filter(({ conflicts }) => conflicts.length > 0).length]));
  });
});

describe("the check by the provider's rules", () => {
  const planted: readonly [what: string, type: string, inputs: Readonly<Record<string, unknown>>, problem: RegExp][] = [
    ["an input that does not exist", "aws:sqs/queue:Queue", { name: "q", retention: 5 }, /retention is no input/],
    ["a required input that is missing", "aws:sns/topicPolicy:TopicPolicy", { arn: "a" }, /policy is missing/],
    ["two inputs that exclude each other", "aws:sqs/queue:Queue", { name: "q", namePrefix: "q" }, /name conflicts with namePrefix/],
    ["a value that is not listed", "aws:sqs/queue:Queue", { name: "q", fifoThroughputLimit: "perQueues" }, /fifoThroughputLimit is perQueues/],
    ["a name that is too long", "aws:sqs/queue:Queue", { name: "q".repeat(81) }, /name has 81 characters, not 1 to 80/],
    ["a type that does not exist", "aws:sqs/topic:Topic", {}, /is no type/],
  ];
  for (const [what, type, inputs, problem] of planted)
    it(`finds ${what}`, () => {
      assert.match(ruleProblems(type, inputs).join("\n"), problem);
    });
});
