import assert from "node:assert/strict";
import { environments } from "../../contract/environments";
import { unknownText } from "../../pricing/inputs";
import type { StackPrice } from "../../pricing/stack";
import { stackConfig } from "../support/program";
import { priceOf, recordedStack, resource } from "./recorded";
import { referenceStacks } from "./reference-stacks";

const endpoint = "aws:sagemaker/endpoint:Endpoint";
const configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const scaling = "aws:appautoscaling/target:Target";
const pipeline = "aws:sagemaker/pipeline:Pipeline";

const served = (instanceType: string, initialInstanceCount = 1, name = "live") =>
  resource(
    configuration,
    { name, productionVariants: [{ variantName: "champion", instanceType, initialInstanceCount }] },
    name,
  );
const running = (endpointConfigName = "live") => resource(endpoint, { name: "detector", endpointConfigName });
const none = { requestsPerMonth: 0 };

function byType(price: StackPrice): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { type, monthlyUsd } of price.resources) sums[type] = (sums[type] ?? 0) + monthlyUsd;
  return sums;
}

const near = (actual: number, expected: number, share: number) => Math.abs(actual - expected) <= share * expected;

describe("the price of a stack", () => {
  for (const stack of environments)
    describe(`of ${stack} with a release`, () => {
      let price: StackPrice;
      before(async () => void (price = priceOf(await recordedStack(stack), {}, stackConfig(stack))));

      it("covers every resource: priced, or free for a reason", () => {
        assert.deepEqual(price.problems, []);
        assert(price.resources.every(({ assumption }) => assumption.length > 0));
      });

      it("is within 10 % of the calculation by hand, as a whole and by type", () => {
        const byHand = referenceStacks[stack];
        const sum = Object.values(byHand).reduce((total, usd) => total + usd, 0);
        const sums = byType(price);
        const missing = Object.entries(sums)
          .filter(([type, usd]) => usd >= 0.01 && !(type in byHand))
          .map(([type, usd]) => `${type}: ${usd.toFixed(2)}`);
        assert(
          near(price.monthlyUsd, sum, 0.1),
          `${price.monthlyUsd.toFixed(2)} by the program, ${sum.toFixed(2)} by hand; not worked out by hand yet: ${missing.join(", ") || "nothing"}`,
        );
        // What is below 1 % of the sum, such as one alarm more, is seen in the sum alone.
        for (const [type, usd] of Object.entries(byHand).filter(([, usd]) => usd >= 0.01 * sum))
          assert(
            near(sums[type] ?? 0, usd, 0.1),
            `${type}: ${(sums[type] ?? 0).toFixed(4)} by the program, ${usd.toFixed(4)} by hand`,
          );
      });

      it("is the same while the pipeline's definition is not known yet, by the settings", async () => {
        const resources = (await recordedStack(stack)).map((one) =>
          one.type === pipeline ? { ...one, inputs: { ...one.inputs, pipelineDefinition: unknownText } } : one,
        );
        const preview = priceOf(resources, {}, stackConfig(stack));
        assert.deepEqual(preview.problems, []);
        assert(Math.abs(preview.monthlyUsd - price.monthlyUsd) < 1e-9);
      });
    });

  it("takes instances from autoscaling: the least as the price, the most as the bound", () => {
    const target = resource(scaling, {
      resourceId: "endpoint/detector/variant/champion",
      minCapacity: 2,
      maxCapacity: 6,
    });
    const price = priceOf([served("ml.g5.xlarge", 4), running(), target], none);
    assert(Math.abs(price.monthlyUsd - 2 * 730 * 1.76) < 1e-9);
    assert(Math.abs(price.atMostUsd - 6 * 730 * 1.76) < 1e-9);
    assert.match(
      price.resources.find(({ type }) => type === endpoint)!.assumption,
      /^2 x ml\.g5\.xlarge x 730 h at 1\.76 USD, 6 at the most by autoscaling/,
    );
  });

  it("charges an endpoint for the configuration that it runs, and none for those that wait", () => {
    const waiting = served("ml.g5.12xlarge", 3, "earlier");
    assert(Math.abs(priceOf([served("ml.g5.xlarge"), waiting, running()], none).monthlyUsd - 730 * 1.76) < 1e-9);
  });

  it("takes the dearest configuration while a preview does not know which it will be", () => {
    const price = priceOf(
      [served("ml.g4dn.xlarge", 1, "old"), served("ml.g5.xlarge", 1, "new"), running(unknownText)],
      none,
    );
    assert.deepEqual(price.problems, []);
    assert(Math.abs(price.monthlyUsd - 730 * 1.76) < 1e-9);
  });

  it("counts serverless variants by memory and duration, and containers that are kept ready by the hour", () => {
    const config = (serverlessConfig: object) => [
      resource(
        configuration,
        { name: "live", productionVariants: [{ variantName: "spare", serverlessConfig }] },
        "live",
      ),
      running(),
    ];
    const usd = (more: object, assumed: object): number =>
      priceOf(config({ memorySizeInMb: 2048, maxConcurrency: 5, ...more }), assumed).monthlyUsd;
    // Infracost's tests: 500000 seconds with 2 GB are 20.00 USD, and two containers kept ready for a month 122.46.
    const assumed = { requestsPerMonth: 500_000, serverlessSeconds: 1, requestKB: 0, answerKB: 0 };
    assert(Math.abs(usd({}, assumed) - 20) < 1e-9);
    assert(Math.abs(usd({ provisionedConcurrency: 2 }, none) - 122.46) < 0.01);
    assert.equal(usd({}, none), 0);
  });

  it("counts shadow variants", () => {
    const shadow = {
      ...served("ml.g5.xlarge").inputs,
      shadowProductionVariants: [{ variantName: "shadow", instanceType: "ml.g5.xlarge", initialInstanceCount: 1 }],
    };
    assert(
      Math.abs(priceOf([resource(configuration, shadow, "live"), running()], none).monthlyUsd - 2 * 730 * 1.76) < 1e-9,
    );
  });

  it("knows no price for an instance type that nobody has looked up: it says which, where, and what to do", () => {
    const [problem, ...others] = priceOf([served("ml.p5.48xlarge"), running()]).problems;
    assert.deepEqual(others, []);
    assert.equal(problem!.urn, running().urn);
    assert.match(problem!.reason, /no price sagemaker\.hosting\.ml\.p5\.48xlarge for eu-central-1/);
    assert.match(
      problem!.cure,
      /npm run prices -- --region eu-central-1 --key sagemaker\.hosting\.ml\.p5\.48xlarge; or use what has a price: .*ml\.g5\.xlarge/,
    );
    assert.equal(problem!.unknown, false);
  });

  it("knows no price for a type that is neither priced nor free", () => {
    const price = priceOf([resource("aws:rds/instance:Instance"), resource("aws:s3/bucket:Bucket")]);
    assert.deepEqual(
      price.problems.map(({ type }) => type),
      ["aws:rds/instance:Instance"],
    );
    assert.match(price.problems[0]!.reason, /neither priced nor known to be free/);
    assert.equal(price.resources.length, 1, "the others are priced all the same");
  });

  it("knows no price in a region that the table does not have", () => {
    assert.match(
      priceOf([resource("aws:kms/key:Key", { region: "ap-south-1" })]).problems[0]!.reason,
      /no price kms\.key for ap-south-1/,
    );
    assert(
      priceOf([resource("aws:cloudwatch/logGroup:LogGroup", { region: "us-east-1" })]).monthlyUsd <
        priceOf([resource("aws:cloudwatch/logGroup:LogGroup")]).monthlyUsd,
    );
  });

  it("stops at an unknown input on which the price hangs, and at no other", () => {
    const unknownType = {
      productionVariants: [{ variantName: "champion", instanceType: unknownText, initialInstanceCount: 1 }],
    };
    const [problem] = priceOf([resource(configuration, { ...unknownType, name: "live" }, "live"), running()]).problems;
    assert.match(
      problem!.reason,
      /hangs on an input: endpointConfiguration\.productionVariants\[0\]\.instanceType is not known before the update/,
    );
    assert.equal(problem!.unknown, true);
    assert.deepEqual(
      priceOf([resource("aws:kms/key:Key", { policy: unknownText, description: unknownText })]).problems,
      [],
    );
  });

  it("refuses captured data that nothing ever deletes", () => {
    const capturing = resource(
      configuration,
      { ...served("ml.g5.xlarge").inputs, dataCaptureConfig: { enableCapture: true, initialSamplingPercentage: 100 } },
      "live",
    );
    assert.match(
      priceOf([capturing, running()]).problems[0]!.reason,
      /no lifecycle rule says when captured data expires/,
    );
  });

  it("passes over providers and components, which are no resources of a cloud", () => {
    assert.deepEqual(
      priceOf([resource("pulumi:providers:aws"), resource("peregrine:serving:MonitoredEndpoint")]).resources,
      [],
    );
  });

  it("lets trainings cost no more than their time limit allows, and says what they can cost", () => {
    const step = (seconds: number) => ({
      Name: "Train",
      Type: "Training",
      Arguments: {
        ResourceConfig: { InstanceType: "ml.g5.xlarge", InstanceCount: 1 },
        StoppingCondition: { MaxRuntimeInSeconds: seconds },
      },
    });
    const priced = (seconds: number) =>
      priceOf([resource(pipeline, { pipelineDefinition: JSON.stringify({ Steps: [step(seconds)] }) })]);
    assert(Math.abs(priced(3600).monthlyUsd - 4 * 1 * 1.76) < 1e-9);
    assert(Math.abs(priced(36_000).monthlyUsd - 4 * 3 * 1.76) < 1e-9);
    assert(Math.abs(priced(36_000).atMostUsd - 4 * 10 * 1.76) < 1e-9);
  });

  it("does not look away from steps that start instances in another way", () => {
    const definition = { Steps: [{ Name: "Batch", Type: "Transform", Arguments: {} }] };
    assert.match(
      priceOf([resource(pipeline, { pipelineDefinition: JSON.stringify(definition) })]).problems[0]!.reason,
      /step Batch is of type Transform/,
    );
  });
});
