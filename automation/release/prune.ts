import { SageMaker } from "../../aws/sagemaker";
import type { Environment } from "../stack/environment";
import type { StackOutputs } from "../../contract/outputs";

/** Endpoint configurations and models that went. */
export interface Pruned {
  readonly endpointConfigs: readonly string[];
  readonly models: readonly string[];
}

/**
 * Deletes the endpoint configurations and models of an environment that no release needs: neither in the stack (the
 * desired release and those kept behind it) nor run by the endpoint, whatever the stack believes. Replaced ones stay
 * behind on purpose (`retainOnDelete`), because SageMaker may take an update back without telling.
 */
export async function prune(environment: Environment, outputs: StackOutputs): Promise<Pruned> {
  const sagemaker = new SageMaker(environment.session);
  const live = await sagemaker.describeEndpoint(outputs.endpointName);
  const needed = new Set((await environment.resources()).flatMap(({ id }) => id ?? []));
  for (const config of [live?.EndpointConfigName, live?.PendingDeploymentSummary?.EndpointConfigName])
    if (config) for (const name of [config, ...(await sagemaker.modelsOf(config))]) needed.add(name);
  const prefix = `${outputs.endpointName}-`;
  const unneeded = (names: readonly string[]) => names.filter((name) => name.startsWith(prefix) && !needed.has(name));
  const endpointConfigs = unneeded(await sagemaker.listEndpointConfigs(prefix));
  for (const name of endpointConfigs) await sagemaker.deleteEndpointConfig(name);
  const models = unneeded(await sagemaker.listModels(prefix));
  for (const name of models) await sagemaker.deleteModel(name);
  return { endpointConfigs, models };
}
