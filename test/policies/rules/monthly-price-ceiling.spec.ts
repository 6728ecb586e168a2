import assert from "node:assert/strict";
import { type PolicyResource, unknownCheckingProxy, UnknownValueError } from "@pulumi/policy";
import { environments } from "../../../contract/environments";
import { trainingPipeline } from "../../../infra/training/training-pipeline";
import { monthlyPriceCeiling } from "../../../policies/rules/monthly-price-ceiling";
import { recordedStack } from "../../pricing/recorded";
import { describeRule, judge, judgeStack, ruleConfig, unknownText } from "../../support/policy";
import { scopeOf } from "../../support/scope";

const endpoint = "aws:sagemaker/endpoint:Endpoint";
const configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const scaling = "aws:appautoscaling/target:Target";
const pipeline = "aws:sagemaker/pipeline:Pipeline";
const variants = (instanceType: string, initialInstanceCount: number) => ({
  name: "live",
  productionVariants: [{ variantName: "champion", instanceType, initialInstanceCount }],
});

/**
 * Judges the whole stack under dev's configuration (1,000 USD a resource, 1,500 a stack), with unknown inputs as the
 * engine has them.
 */
const judged = (...resources: readonly (readonly [type: string, props: Record<string, unknown>])[]) =>
  judgeStack(
    monthlyPriceCeiling,
    resources.map(([type, props], index) => ({ type, name: `r${index}`, props })),
  );

describeRule(
  monthlyPriceCeiling,
  {
    refuses: {
      "an endpoint configuration that costs too much": [configuration, variants("ml.g5.12xlarge", 4), /25888\.72 USD/],
      "what has no price": [configuration, variants("ml.p5.48xlarge", 1), /It cannot be priced/],
    },
    accepts: { "one that is cheap enough": [configuration, variants("ml.g4dn.xlarge", 1)] },
    ignores: ["random:index/randomId:RandomId"],
    stoppedBy: { "an instance type that is not known yet": [configuration, variants(unknownText, 1), /instanceType/] },
  },
  () => {
    it("refuses an endpoint configuration that would cost too much, and shows the calculation", () => {
      const { violations } = judge(monthlyPriceCeiling, configuration, variants("ml.g5.12xlarge", 4));
      assert.match(
        violations.join(),
        /It costs 25888\.72 USD a month \(4 x ml\.g5\.12xlarge x 730 h at 8\.866 USD\), and 1000\.00 USD is the ceiling\./,
      );
      assert.deepEqual(judge(monthlyPriceCeiling, configuration, variants("ml.g4dn.xlarge", 1)).violations, []);
    });

    it("allows by environment", () => {
      assert.equal(judge(monthlyPriceCeiling, configuration, variants("ml.g6.xlarge", 2)).violations.length, 1);
      assert.deepEqual(
        judge(monthlyPriceCeiling, configuration, variants("ml.g6.xlarge", 2), { environment: "prod" }).violations,
        [],
      );
    });

    it("refuses what has no price, since nobody can say that it is cheap enough", () => {
      assert.match(
        judge(monthlyPriceCeiling, configuration, variants("ml.p5.48xlarge", 1)).violations.join(),
        /It cannot be priced: there is no price sagemaker\.hosting\.ml\.p5\.48xlarge for eu-central-1/,
      );
      assert.match(
        judge(monthlyPriceCeiling, "aws:rds/instance:Instance", {}).violations.join(),
        /neither priced nor known to be free/,
      );
    });

    it("goes by the region of the provider", () => {
      const price = (region: string) =>
        judge(monthlyPriceCeiling, configuration, variants("ml.g5.12xlarge", 4), {
          providerProps: { region },
        }).violations.join();
      assert.match(price("us-east-1"), /20702\.80 USD/);
      assert.match(price("ap-south-1"), /no price .* for ap-south-1/);
    });

    it("refuses a stack whose parts are cheap enough and whose sum is not, at its dearest resource", () => {
      const gateways = Array.from({ length: 40 }, () => ["aws:ec2/natGateway:NatGateway", {}] as const);
      const [violation, ...others] = judged(...gateways);
      assert.deepEqual(others, []);
      assert.match(
        violation!,
        /r0: The stack costs 1726\.40 USD a month \(most of it here, 43\.16 USD\), and 1500\.00 USD is the ceiling\./,
      );
      assert.deepEqual(judged(...gateways.slice(0, 30)), []);
    });

    it("judges an endpoint with its configuration and its scaling", () => {
      const target = [
        scaling,
        { resourceId: "endpoint/detector/variant/champion", minCapacity: 2, maxCapacity: 9 },
      ] as const;
      const violations = judged(
        [configuration, variants("ml.g4dn.xlarge", 1)],
        [endpoint, { name: "detector", endpointConfigName: "live" }],
        target,
      );
      assert.match(violations.join("\n"), /r1: It costs 1349\.82 USD a month \(2 x ml\.g4dn\.xlarge/);
    });

    for (const environment of environments)
      it(`is content with ${environment}, released`, async () => {
        const resources = (await recordedStack(environment)).map(({ urn, type, inputs }): Partial<PolicyResource> => ({
          urn,
          type,
          props: inputs as Record<string, unknown>,
        }));
        for (const { type, props } of resources.filter(({ type }) => type!.startsWith("aws:") && type !== pipeline))
          assert.deepEqual(judge(monthlyPriceCeiling, type!, props!, { environment }).violations, [], type);
        const violations: string[] = [];
        void monthlyPriceCeiling.validateStack!(
          {
            resources: resources as PolicyResource[],
            getConfig: () => ruleConfig(monthlyPriceCeiling, environment),
          } as never,
          (message) => void violations.push(message),
        );
        assert.deepEqual(violations, []);
      });

    it("is content with a pipeline", () => {
      const definition = trainingPipeline(scopeOf("prod"), {
        trainingRoleArn: "",
        processingRoleArn: "",
        announceFunctionArn: "",
        mlflowAppArn: "",
      });
      assert.deepEqual(
        judge(
          monthlyPriceCeiling,
          pipeline,
          { pipelineDefinition: JSON.stringify(definition) },
          { environment: "prod" },
        ).violations,
        [],
      );
    });

    it("does not mind unknown inputs that have no price in them", () => {
      const outcome = judge(monthlyPriceCeiling, "aws:kms/key:Key", {
        policy: unknownText,
        tags: { owner: unknownText },
      });
      assert.deepEqual([outcome.violations, outcome.stoppedBy], [[], undefined]);
    });

    it("is stopped, not silenced, by an unknown input on which the price hangs", () => {
      assert.match(
        judge(monthlyPriceCeiling, configuration, variants(unknownText, 1)).stoppedBy!,
        /productionVariants\.0\.instanceType/,
      );
      assert.throws(
        () =>
          judged(
            [configuration, variants(unknownText, 1)],
            [endpoint, { name: "detector", endpointConfigName: "live" }],
          ),
        UnknownValueError,
      );
    });

    it("reports what is already too much before something unknown stops it", () => {
      const gateways = Array.from({ length: 40 }, () => ["aws:ec2/natGateway:NatGateway", {}] as const);
      const violations: string[] = [];
      const resources = [...gateways, [pipeline, { arn: unknownText, pipelineDefinition: unknownText }] as const].map(
        ([type, props], index) => ({
          type,
          urn: `urn:pulumi:dev::peregrine::${type}::r${index}`,
          props: unknownCheckingProxy(props),
        }),
      );
      assert.throws(
        () =>
          monthlyPriceCeiling.validateStack!(
            { resources, getConfig: () => ruleConfig(monthlyPriceCeiling, "dev") } as never,
            (message) => void violations.push(message),
          ),
        /value at \.pipelineDefinition can't be known/,
      );
      assert.match(violations.join(), /The stack costs 1726\.40 USD/);
    });
  },
);
