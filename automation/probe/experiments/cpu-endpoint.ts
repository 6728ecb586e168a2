import { SageMaker } from "../../../aws/sagemaker";
import { Hosting } from "../../../aws/sagemaker-hosting";
import type { Bench } from "../bench";

/** The cheapest instance that serves. */
export const cpuHost = { InstanceType: "ml.m5.large" } as const;

/** An endpoint of the model on one CPU instance, in service. @returns its name, and the role of its model. @throws Error in SageMaker's words where it does not come up. */
export async function cpuEndpoint(bench: Bench, minutes: number): Promise<{ readonly endpoint: string; readonly roleArn: string }> {
  const hosting = new Hosting(bench.session);
  const { model } = bench;
  const roleArn = await bench.serviceRole("sagemaker", bench.containerRights());
  const name = bench.name("cpu");
  bench.step("creates an endpoint on ml.m5.large");
  await bench.settled(2, /assume/i, () => hosting.prepare(name, "probe", { ...model, roleArn }, cpuHost, bench.tags));
  await bench.settled(2, /assume/i, () => hosting.create(name, name, bench.tags));
  const endpoint = await bench.until(minutes, async () => ((one) => (one?.EndpointStatus === "Creating" ? undefined : one))(await new SageMaker(bench.session).describeEndpoint(name)));
  if (endpoint?.EndpointStatus !== "InService") throw new Error(`the endpoint is ${endpoint?.EndpointStatus ?? "still Creating"}: ${endpoint?.FailureReason ?? ""}`);
  return { endpoint: name, roleArn };
}
