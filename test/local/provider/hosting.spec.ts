import assert from "node:assert/strict";
import type { Members } from "../../../local/members";
import { startProvider, type RunningProvider } from "../../../local/provider/server";
import { configured, startTestCloud, type TestCloud } from "../services/sagemaker/harness";
import { administrator } from "./memory-cloud";
import { Engine } from "./provider-client";

const configType = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const endpointType = "aws:sagemaker/endpoint:Endpoint";
const variant = (variantName: string, modelName: string): Members => ({
  variantName,
  modelName,
  instanceType: "ml.c6i.large",
  initialInstanceCount: 1,
  initialVariantWeight: 1,
});
const shadowed = {
  name: "shadowed",
  productionVariants: [variant("champion", "alpha")],
  shadowProductionVariants: [{ ...variant("shadow", "beta"), initialVariantWeight: 0.5 }],
};
const serverless = {
  name: "spare",
  productionVariants: [
    {
      variantName: "fallback",
      modelName: "beta",
      serverlessConfig: { memorySizeInMb: 2048, maxConcurrency: 5, provisionedConcurrency: 1 },
    },
  ],
};

describe("shadow and serverless variants in the local cloud's provider", () => {
  let test: TestCloud;
  let provider: RunningProvider;
  let engine: Engine;
  before(async () => {
    test = await startTestCloud();
    for (const name of ["alpha", "beta"]) await configured(test, name);
    provider = await startProvider(test.cloud, { port: 0, principalFor: async () => administrator });
    engine = await Engine.configured(provider.port);
  });
  after(async () => {
    engine.close();
    await provider.stop();
    await test.stop();
  });

  for (const news of [shadowed, serverless])
    it(`make ${news.name}, see no difference, read it back as it was written, and serve with it`, async () => {
      const made = await engine.create(configType, news.name, news);
      const live = await test.call("DescribeEndpointConfig", { EndpointConfigName: news.name });
      const [shadow] = (live.ShadowProductionVariants ?? []) as Members[];
      assert.deepEqual(
        [shadow?.InitialVariantWeight, live.ProductionVariants[0].ServerlessConfig],
        news === shadowed
          ? [0.5, undefined]
          : [undefined, { MemorySizeInMB: 2048, MaxConcurrency: 5, ProvisionedConcurrency: 1 }],
      );
      assert.deepEqual((await engine.diff(configType, news.name, made, news)).paths, []);
      assert.deepEqual(
        (await engine.read(configType, news.name, made.id, made.inputs, made.properties)).inputs,
        made.inputs,
      );
      const imported = await engine.read(configType, news.name, made.id);
      const lists = ["productionVariants", "shadowProductionVariants"] as const;
      for (const list of lists)
        for (const [index, written] of ((news as Members)[list] ?? []).entries())
          for (const [name, value] of Object.entries(written as Members))
            assert.deepEqual((imported.inputs[list] as Members[])[index]![name], value, `${list}.${name}`);
      const endpoint = { name: news.name, endpointConfigName: news.name };
      await engine.create(endpointType, news.name, endpoint);
      const answer = await test.invoke({ EndpointName: news.name });
      assert.equal(JSON.parse(answer.Body.toString()).model, news === shadowed ? "alpha" : "beta");
    });

  it("replace the configuration when a shadow's weight or a serverless limit changes", async () => {
    const made = await engine.create(configType, "first", { ...shadowed, name: "first" });
    const changed = { ...shadowed, name: "first", shadowProductionVariants: [variant("shadow", "beta")] };
    const { replaces } = await engine.diff(configType, "first", made, changed);
    assert.ok(
      replaces.length > 0 && replaces.every((path) => path.startsWith("shadowProductionVariants")),
      `${replaces}`,
    );
  });

  it("tell AWS's refusal as it is", async () => {
    await assert.rejects(
      engine.create(configType, "wrong", {
        ...serverless,
        name: "wrong",
        shadowProductionVariants: [variant("shadow", "alpha")],
      }),
      /Serverless endpoints do not support multiple production variants or shadow variants/,
    );
  });
});
