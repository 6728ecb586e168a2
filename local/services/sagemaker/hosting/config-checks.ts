import type { Members } from "../../../members";
import { hostingChecks } from "../../../checks/hosting";
import { validationException } from "../../../errors";
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
  if (production.every(({ InitialVariantWeight: weight }) => weight === 0)) throw hostingChecks.someWeight();
  if (shadows.length > 0) checkShadow(production, shadows, modelOf);
}

function checkVariant(variant: Members, modelOf: (name: string) => Members): void {
  const { VariantName: name, ServerlessConfig: serverless, ModelName: model } = variant;
  if (!model)
    throw validationException(
      `Production variant "${name}" must have a ModelName: the local cloud does not run inference components.`,
    );
  if (serverless)
    throw validationException(
      `The local cloud does not run serverless variants: production variant "${name}" must have an InstanceType and InitialInstanceCount.`,
    );
  if (!variant.InstanceType) throw hostingChecks.instanceType(name);
  if (!(variant.InitialInstanceCount >= 1)) throw hostingChecks.initialCount(name);
  checkAmi(variant);
  modelOf(model);
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
