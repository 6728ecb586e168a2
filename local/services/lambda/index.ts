import type { Cloud, Service } from "../../cloud";
import { AsynchronousQueue } from "./asynchronous";
import { CodeStore } from "./code";
import type { LambdaOptions } from "./environments";
import { Environments } from "./environments";
import { FunctionStore } from "./functions";
import { functionOperations, invokeOperations } from "./operations";
import { lambdaPermissions, policyOperations } from "./permissions";

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
  const parts = { store, code, environments, queue };
  const nameOf = (arn: string): string => store.parse(arn).name;
  return {
    id: "lambda",
    operations: { ...functionOperations(parts), ...policyOperations(store), ...invokeOperations(parts) },
    permissions: lambdaPermissions(store),
    tagsOf: (arn) => (arn.includes(":lambda:") && store.functions.has(nameOf(arn)) ? (store.tags.get(nameOf(arn)) ?? {}) : undefined),
    resourcePolicyOf: (arn) => {
      const policy = arn.includes(":lambda:") ? store.policies.get(nameOf(arn)) : undefined;
      return policy && JSON.stringify(policy);
    },
    inventory: () => [...store.functions.values()].map(({ arn }) => ({ arn, type: "AWS::Lambda::Function" })),
    start: () => queue.start(),
    stop: () => {
      queue.stop();
      environments.close();
      code.close();
    },
    settled: () => queue.settled(),
  };
}
