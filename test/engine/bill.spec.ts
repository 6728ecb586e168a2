import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
} from "@aws-sdk/client-sagemaker";
import { SNSClient, CreateTopicCommand } from "@aws-sdk/client-sns";
import { fromIni } from "@aws-sdk/credential-providers";
import { readBill } from "../../automation/costs/actual";
import { callerIdentity } from "../../aws/sts";
import { tagList } from "../../aws/tagging";
import { detectorName, environmentTags } from "../../contract/names";
import type { BillJson } from "../../insight/actual-cost";
import type { CostReview } from "../../pricing/actual/review";
import type { FoundWaste } from "../../lifecycle/costs/waste";
import type { InstanceAdvice } from "../../pricing/adviser";
import type { Bill } from "../../pricing/actual/bill";
import type { PlanAgainstBill } from "../../pricing/actual/compare";
import { Prices, priceTable } from "../../pricing/table";
import { eventually } from "../support/eventually";
import { type BroughtUp, broughtUp } from "./brought-up";

const forgotten = "forgotten-detector";

/** The bill of environments that are up, by the commands that people use. */
describe("the bill of what is up", function () {
  this.slow(300_000);
  let world: BroughtUp;
  const json = async <T>(codes: readonly number[], ...args: string[]): Promise<T> => {
    const finished = await world.project.peregrine("cost", ...args, "--json");
    assert.ok(codes.includes(finished.code ?? -1), finished.output);
    return JSON.parse(finished.stdout) as T;
  };
  const bill = () => json<BillJson>([0], "actual", "--stack", "dev,staging", "--fresh");

  /** The time of the cloud, and the bill of then. */
  async function now(): Promise<{ at: number; bill: Bill }> {
    const { region, url, credentialsFile } = world.registry.server;
    const before = process.env["AWS_ENDPOINT_URL"];
    process.env["AWS_ENDPOINT_URL"] = url;
    try {
      const credentials = await fromIni({ filepath: credentialsFile, profile: "ab" })();
      const session = { region, credentials };
      const time = async () => (await callerIdentity(session)).at.getTime();
      const [start, { bill: found }, end] = [
        await time(),
        await readBill(session, ["dev", "staging"], {}),
        await time(),
      ];
      return { at: (start + end) / 2, bill: found };
    } finally {
      if (before === undefined) delete process.env["AWS_ENDPOINT_URL"];
      else process.env["AWS_ENDPOINT_URL"] = before;
    }
  }

  before(async () => {
    world = await broughtUp();
  });
  after(() => world?.project.remove());

  it("carries no tag before the tags are activated, and says so", async () => {
    const before = await bill();
    assert.deepEqual([before.usd, before.inactiveTags], [0, ["project", "environment"]]);
    assert.equal(before.tagged.taggedUsd, 0);
    assert.ok(before.tagged.accountUsd > 0);
    const activated = await json<{ key: string; state: string }[]>([0], "tags", "--activate");
    assert.deepEqual(
      activated.map(({ state }) => state),
      ["active", "active"],
    );
  });

  it("is usage times price, by tag: what the endpoint's instances cost between two looks", async () => {
    const endpoint = await world.registry.sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: detectorName("staging") }),
    );
    const { ProductionVariants } = await world.registry.sagemaker.send(
      new DescribeEndpointConfigCommand({ EndpointConfigName: endpoint.EndpointConfigName }),
    );
    const hourly = ProductionVariants!.reduce(
      (sum, { InstanceType, InitialInstanceCount }) =>
        sum + InitialInstanceCount! * new Prices(priceTable, "eu-central-1").usd(`sagemaker.hosting.${InstanceType}`),
      0,
    );
    const serving = ({ lines }: Bill) =>
      lines
        .filter(({ environment, group }) => environment === "staging" && group === "serving")
        .reduce((sum, { usd }) => sum + usd, 0);
    const first = await now();
    await setTimeout(60_000);
    const second = await now();
    const expected = (hourly * (second.at - first.at)) / 3_600_000;
    const billed = serving(second.bill) - serving(first.bill);
    assert.ok(Math.abs(billed / expected - 1) < 0.01, `billed ${billed}, expected ${expected}`);
    for (const { environment, quantity, usd } of second.bill.lines) {
      assert.ok(["dev", "staging"].includes(environment));
      assert.ok(quantity > 0 && usd >= 0);
    }
    assert.equal(second.bill.project, "peregrine");
  });

  it("stands beside the plan and the budget, with what one of many costs, each with how it came about", async () => {
    const review = await json<CostReview & { plan: PlanAgainstBill }>([0], "review", "--stack", "staging", "--fresh");
    assert.ok(
      review.plan.groups.some(
        ({ group, plannedUsd, billedUsd }) => group === "serving" && plannedUsd > 0 && billedUsd > 0,
      ),
    );
    assert.ok(review.forecast.byPlanUsd! > review.forecast.spentUsd);
    assert.equal(review.budget.verdict === "unknown", false);
    assert.ok("usd" in review.per1000Images, "golden images were answered");
    assert.deepEqual(review.trainings, []);
    const text = await world.project.succeed(
      "env",
      ...["node", "scripts/peregrine.cjs", "cost", "review", "--stack", "staging"],
    );
    assert.match(text.stdout, /Plan against bill[^]*1,000 images: [\d.,]+ USD \(/);
  });

  it("goes to other tools in FOCUS's columns", async () => {
    const file = join(world.project.folder, "focus.csv");
    await json<BillJson>([0], "actual", "--stack", "staging", "--focus", file);
    const [head, first] = readFileSync(file, "utf8").split("\r\n");
    assert.match(head!, /^BilledCost,BillingAccountId,/);
    assert.match(first!, /peregrine/);
  });

  it("advises an instance type for the peak that was measured, from the speeds that are known", async () => {
    const stated = ["--stated", "ml.m5.xlarge=50:4"];
    const { best, options } = await json<InstanceAdvice>([0], "advise", "--stack", "staging", ...stated);
    assert.ok(options.length > 1 && best !== undefined, JSON.stringify(options));
    assert.ok(options.some(({ reasons }) => /latency measured within/.test(reasons.join())));
  });

  it("finds the endpoint that nobody calls and the topic that no stack knows, with what removes them", async () => {
    assert.deepEqual((await json<FoundWaste>([0], "idle")).waste, [], "what the stacks made is of use");
    const { sagemaker, server } = world.registry;
    const live = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: detectorName("staging") }));
    const config = await sagemaker.send(
      new DescribeEndpointConfigCommand({ EndpointConfigName: live.EndpointConfigName }),
    );
    const Tags = tagList(environmentTags("staging"));
    const [variant] = config.ProductionVariants!;
    await sagemaker.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: forgotten,
        ProductionVariants: [{ ...variant!, InitialInstanceCount: 1 }],
      }),
    );
    await sagemaker.send(new CreateEndpointCommand({ EndpointName: forgotten, EndpointConfigName: forgotten, Tags }));
    const sns = new SNSClient({
      ...{ region: server.region, endpoint: server.url },
      credentials: fromIni({ filepath: server.credentialsFile, profile: "ab" }),
    });
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "left-over", Tags }));
    await eventually(
      async () => {
        const { EndpointStatus } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: forgotten }));
        assert.equal(EndpointStatus, "InService");
      },
      120_000,
      500,
    );
    const { waste } = await json<FoundWaste>([1], "idle");
    assert.deepEqual(
      waste.map(({ kind, command }) => [kind, command]),
      [
        ["idle endpoint", `aws sagemaker delete-endpoint --endpoint-name ${forgotten}`],
        ["orphan", `aws sns delete-topic --topic-arn ${TopicArn}`],
      ],
    );
    const price = new Prices(priceTable, "eu-central-1").usd(`sagemaker.hosting.${variant!.InstanceType}`);
    assert.ok(Math.abs(waste[0]!.monthlyUsd! - 730 * price) < 1e-6);
    for (const { command } of waste) await world.project.succeed("bash", "-c", command);
    await eventually(async () => assert.deepEqual((await json<FoundWaste>([0], "idle")).waste, []), 120_000, 5_000);
  });
});
