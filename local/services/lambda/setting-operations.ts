import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import type { FunctionStore } from "./functions";
import { mappingIn } from "./mappings";

/** Reserved concurrency, settings of asynchronous invocation, and tags. */
export function settingOperations(store: FunctionStore): Record<string, Handler> {
  const shown = (name: string): Members => {
    const config = store.invokeConfigs.get(name);
    if (!config)
      throw new AwsError(
        "ResourceNotFoundException",
        `The function ${store.arn(name)} doesn't have an EventInvokeConfig`,
        404,
        { Type: "User" },
      );
    return {
      FunctionArn: `${store.arn(name)}:$LATEST`,
      LastModified: new Date(config.modifiedMs),
      MaximumRetryAttempts: config.maximumRetryAttempts,
      MaximumEventAgeInSeconds: config.maximumEventAgeInSeconds,
      DestinationConfig: { OnSuccess: { Destination: config.onSuccess }, OnFailure: { Destination: config.onFailure } },
    };
  };
  const put: Handler = (input, call) => {
    const { name } = store.get(input["FunctionName"]);
    store.invokeConfigs.put(name, {
      maximumRetryAttempts: input["MaximumRetryAttempts"],
      maximumEventAgeInSeconds: input["MaximumEventAgeInSeconds"],
      onFailure: input["DestinationConfig"]?.OnFailure?.Destination,
      onSuccess: input["DestinationConfig"]?.OnSuccess?.Destination,
      modifiedMs: call.now.getTime(),
    });
    return shown(name);
  };
  // Tags of functions lie under their names, those of mappings under their ARNs.
  const byArn = (arn: string): string => (mappingIn(arn) && store.tags.has(arn) ? arn : store.get(arn).name);
  return {
    PutFunctionEventInvokeConfig: put,
    UpdateFunctionEventInvokeConfig: put,
    GetFunctionEventInvokeConfig: (input) => shown(store.get(input["FunctionName"]).name),
    DeleteFunctionEventInvokeConfig: (input) => void store.invokeConfigs.delete(store.get(input["FunctionName"]).name),
    PutFunctionConcurrency(input) {
      store.concurrency.put(store.get(input["FunctionName"]).name, input["ReservedConcurrentExecutions"]);
      return { ReservedConcurrentExecutions: input["ReservedConcurrentExecutions"] };
    },
    GetFunctionConcurrency: (input) => ({
      ReservedConcurrentExecutions: store.concurrency.get(store.get(input["FunctionName"]).name),
    }),
    DeleteFunctionConcurrency: (input) => void store.concurrency.delete(store.get(input["FunctionName"]).name),
    GetFunctionCodeSigningConfig: (input) => ({
      CodeSigningConfigArn: "",
      FunctionName: store.get(input["FunctionName"]).name,
    }),
    TagResource(input) {
      const name = byArn(input["Resource"]);
      store.tags.put(name, { ...store.tags.get(name), ...(input["Tags"] as Record<string, string>) });
    },
    UntagResource(input) {
      const name = byArn(input["Resource"]);
      const keys = input["TagKeys"] as string[];
      store.tags.put(
        name,
        Object.fromEntries(Object.entries(store.tags.get(name) ?? {}).filter(([key]) => !keys.includes(key))),
      );
    },
    ListTags: (input) => ({ Tags: store.tags.get(byArn(input["Resource"])) ?? {} }),
  };
}
