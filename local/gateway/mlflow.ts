import type { Call, Caller, Requirement } from "../call";
import type { Cloud } from "../cloud";
import type { RawResponse } from "../raw";
import type { Service } from "../service";
import { AwsError } from "../errors";
import type { Incoming } from "./http";

/** Headers by which SageMaker's MLflow plug-in says which app or tracking server a request is for. */
const arnHeaders = ["x-sm-mlflow-app-arn", "x-mlflow-sm-tracking-server-arn"];

/** The MLflow app that a request is for. @returns undefined for an ordinary AWS request. */
export function mlflowArn(request: Incoming): string | undefined {
  return arnHeaders.map((name) => request.headers[name]).find((arn) => arn !== undefined);
}

/**
 * Authorises a request to an MLflow app (`sagemaker:CallMlflowAppApi` on it) and hands it to the app's server.
 * @throws AwsError when it is denied or no MLflow app is there, Unreachable when no way leads there.
 */
export async function proxyMlflow(cloud: Cloud, arn: string, request: Incoming, caller: Caller): Promise<RawResponse> {
  const proxy = cloud.internals.mlflowProxy;
  if (!proxy) throw new AwsError("ResourceNotFoundException", `There is no MLflow app ${arn}.`, 404);
  const operation = arn.includes(":mlflow-app/") ? "CallMlflowAppApi" : "CallMlflowServer";
  const call: Call = cloud.arrive({
    service: "sagemaker",
    operation,
    caller,
    principal: caller.principal,
    requestId: caller.requestId ?? "",
    now: cloud.clock.now(),
  });
  const requirement = (): Requirement[] => [{ action: `sagemaker:${operation}`, resource: arn }];
  const owner: Service = {
    ...(cloud.services.get("sagemaker") ?? { id: "sagemaker" }),
    operations: {},
    permissions: { [operation]: requirement },
  };
  cloud.authoriser.authorise(owner, { Arn: arn }, call);
  return proxy(arn, request, caller);
}
