import type { ProductionVariant } from "@aws-sdk/client-sagemaker";
import { SageMaker } from "../../../aws/sagemaker";
import { Hosting } from "../../../aws/sagemaker-hosting";
import { type Bench, roleIsNew } from "../bench";

/** The cheapest instance that serves. */
export const cpuHost = { InstanceType: "ml.m5.large" } as const;

/** What became of an endpoint that was made. */
export interface Made {
  readonly endpoint: string;
  /** The role of its model. */
  readonly roleArn: string;
  /** `InService`, `Failed`, or `Creating` when the minutes were over. */
  readonly status: string;
  readonly reason: string;
  /** Minutes from the request on. */
  readonly minutes: number;
}

/** An endpoint of the model on one instance, waited for. */
export async function makeEndpoint(
  bench: Bench,
  what: string,
  host: Partial<ProductionVariant>,
  minutes: number,
): Promise<Made> {
  const hosting = new Hosting(bench.session);
  const { model } = bench;
  const roleArn = await bench.serviceRole("sagemaker", bench.containerRights());
  const name = bench.name(what);
  bench.step(
    `creates an endpoint on ${host.InstanceType}${host.InferenceAmiVersion ? ` with ${host.InferenceAmiVersion}` : ""}`,
  );
  await bench.settled(2, roleIsNew, () => hosting.model(name, { ...model, roleArn }, bench.tags));
  await hosting.configure(name, "probe", name, host, bench.tags);
  const watch = bench.watch();
  await bench.settled(2, roleIsNew, () => hosting.create(name, name, bench.tags));
  const seen = await bench.until(minutes, async () =>
    ((one) => (one?.EndpointStatus === "Creating" ? undefined : one))(
      await new SageMaker(bench.session).describeEndpoint(name),
    ),
  );
  return {
    endpoint: name,
    roleArn,
    status: seen?.EndpointStatus ?? "Creating",
    reason: seen?.FailureReason ?? "",
    minutes: watch() / 60,
  };
}

/** An endpoint on one CPU instance, in service. @throws Error in SageMaker's words where it does not come up. */
export async function cpuEndpoint(bench: Bench, minutes: number): Promise<Made> {
  const made = await makeEndpoint(bench, "cpu", cpuHost, minutes);
  if (made.status !== "InService")
    throw new Error(`the endpoint is ${made.status} after ${made.minutes.toFixed(1)} minutes: ${made.reason}`);
  return made;
}
