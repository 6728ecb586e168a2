import type { Members } from "../../../members";
import { hostingChecks } from "../../../checks/hosting";
import { validationException } from "../../../errors";
import type { ServerlessConfig } from "./fleets/serverless";
import { checkAmi } from "./hosts";

/**
 * What CreateEndpointConfig refuses.
 * @param modelOf `CreateModel`'s request of a model; throws where there is none.
 * @throws AwsError
 */
export function checkConfig(input: Members, modelOf: (name: string) => Members): void {
  const production = input.ProductionVariants as Members[];
  const shadows = (input.ShadowProductionVariants ?? []) as Members[];
  const variants = [...production, ...shadows];
  const names = variants.map((variant) => variant.VariantName as string);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice) throw hostingChecks.variantNames(twice);
  if (input.AsyncInferenceConfig)
    throw validationException("The local cloud does not run asynchronous endpoints: remove AsyncInferenceConfig.");
  for (const variant of variants) checkVariant(variant, modelOf);
  const serverless = variants.find(({ ServerlessConfig: config }) => config);
  if (serverless) checkServerless(serverless, variants, input, modelOf(serverless.ModelName));
  if (production.every(({ InitialVariantWeight: weight }) => weight === 0)) throw hostingChecks.someWeight();
  if (shadows.length > 0) checkShadow(production, shadows, modelOf);
}

function checkVariant(variant: Members, modelOf: (name: string) => Members): void {
  const { VariantName: name, ServerlessConfig: serverless, ModelName: model } = variant;
  if (!model)
    throw validationException(
      `Production variant "${name}" must have a ModelName: the local cloud does not run inference components.`,
    );
  modelOf(model);
  if (serverless) return;
  if (!variant.InstanceType) throw hostingChecks.instanceType(name);
  if (!(variant.InitialInstanceCount >= 1)) throw hostingChecks.initialCount(name);
  checkAmi(variant);
}

/** Members of a variant that are about its instances. */
const ofInstances = [
  "InstanceType",
  "InitialInstanceCount",
  "InstancePools",
  "InferenceAmiVersion",
  "ManagedInstanceScaling",
  "RoutingConfig",
  "VolumeSizeInGB",
] as const;
/** Members of a configuration that serverless endpoints do not have (developer guide, "Feature exclusions"; API). */
const notServerless = ["DataCaptureConfig", "VpcConfig", "EnableNetworkIsolation", "CrossRegionTrafficConfig"] as const;

function checkServerless(variant: Members, all: readonly Members[], input: Members, model: Members): void {
  const { VariantName: name, ServerlessConfig: config } = variant;
  if (all.length > 1) throw hostingChecks.serverlessAlone();
  const instances = ofInstances.find((member) => variant[member] !== undefined);
  if (instances) throw hostingChecks.serverlessOrInstances(name, instances);
  if (config.MemorySizeInMB % 1024 !== 0) throw hostingChecks.serverlessMemory(name);
  checkConcurrency(name, config as ServerlessConfig);
  const excluded =
    notServerless.find((member) => input[member]) ??
    (["VpcConfig", "EnableNetworkIsolation"] as const).find((member) => model[member]) ??
    (model.PrimaryContainer?.Mode === "MultiModel" ? "Mode" : undefined);
  if (excluded) throw hostingChecks.serverlessExcludes(name, excluded);
}

/** @throws AwsError for more provisioned concurrency than there may be requests at a time. */
export function checkConcurrency(variant: string, config: Omit<ServerlessConfig, "MemorySizeInMB">): void {
  if ((config.ProvisionedConcurrency ?? 0) > config.MaxConcurrency) throw hostingChecks.provisionedWithin(variant);
}

/** "You can only specify one variant for ProductionVariants and one variant for ShadowProductionVariants" (API). */
function checkShadow(
  production: readonly Members[],
  shadows: readonly Members[],
  modelOf: (name: string) => Members,
): void {
  if (production.length > 1 || shadows.length > 1) throw hostingChecks.oneShadow();
  const unfit = [...production, ...shadows].find(
    ({ InstanceType: type, ModelName: model }) =>
      String(type).startsWith("ml.inf1.") || modelOf(model).PrimaryContainer?.Mode === "MultiModel",
  );
  if (unfit) throw hostingChecks.shadowable(unfit.VariantName);
}
