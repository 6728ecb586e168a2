import type { Cloud } from "../../cloud";
import type { Service } from "../../service";
import { AsynchronousQueue } from "./asynchronous";
import { CodeStore } from "./code";
import type { LambdaOptions } from "./environments";
import { Environments } from "./environments";
import { FunctionStore } from "./functions";
import { mappingOperations, mappingPermissions } from "./mapping-operations";
import { MappingStore, mappingIn } from "./mappings";
import { functionOperations } from "./function-operations";
import { invokeOperations } from "./invoke-operations";
import { lambdaPermissions, policyOperations } from "./permissions";
import { Pollers } from "./pollers";
import { urlOperations } from "./urls/url-operations";
import { UrlRequests } from "./urls/url-requests";
import { UrlStore } from "./urls/url-store";

export type { LambdaOptions } from "./environments";

export interface Lambda extends Service {
  /** Resolves when every asynchronous invocation was handled or given up. */
  settled(): Promise<void>;
}

/** Lambda: functions in Node processes that run the very bundle that was deployed. */
export function createLambda(cloud: Cloud, options: LambdaOptions = {}): Lambda {
  const store = new FunctionStore(cloud);
  const code = new CodeStore(cloud.stateDir);
  const environments = new Environments(cloud, store, code, options);
  const queue = new AsynchronousQueue(cloud, store, environments);
  const mappings = new MappingStore(cloud);
  const pollers = new Pollers(mappings, store, environments);
  const parts = { store, code, environments, queue };
  const urls = new UrlStore(cloud, store, options.gatewayUrl);
  const requests = new UrlRequests(urls, environments);
  cloud.internals.functionUrl = (id, path, request, caller) => requests.answer(id, path, request, caller);
  const nameOf = (arn: string): string => store.parse(arn).name;
  return {
    id: "lambda",
    operations: {
      ...functionOperations(parts),
      ...policyOperations(store),
      ...invokeOperations(parts),
      ...mappingOperations(mappings, store, pollers),
      ...urlOperations(urls),
    },
    permissions: { ...lambdaPermissions(store), ...mappingPermissions(mappings, store) },
    tagsOf: (arn) =>
      mappings.mappings.has(mappingIn(arn) ?? "")
        ? (store.tags.get(arn) ?? {})
        : arn.includes(":lambda:") && store.functions.has(nameOf(arn))
          ? (store.tags.get(nameOf(arn)) ?? {})
          : undefined,
    resourcePolicyOf: (arn) => {
      const policy = arn.includes(":lambda:") ? store.policies.get(nameOf(arn)) : undefined;
      return policy && JSON.stringify(policy);
    },
    inventory: () => [
      ...[...store.functions.values()].map(({ arn }) => ({ arn, type: "AWS::Lambda::Function" })),
      ...[...mappings.mappings.values()].map(({ uuid }) => ({
        arn: mappings.arn(uuid),
        type: "AWS::Lambda::EventSourceMapping",
      })),
    ],
    start: () => {
      queue.start();
      pollers.start();
    },
    stop: () => {
      pollers.stop();
      queue.stop();
      environments.close();
      code.close();
    },
    settled: () => queue.settled(),
  };
}
