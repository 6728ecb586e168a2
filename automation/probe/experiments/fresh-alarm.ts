import { Metrics } from "../../../aws/cloudwatch";
import { SageMaker } from "../../../aws/sagemaker";
import { Hosting } from "../../../aws/sagemaker-hosting";
import { held, refuted } from "../answer";
import type { Experiment } from "../experiment";
import { cpuEndpoint, cpuHost } from "./endpoint";

/** An update guarded by an alarm that was made a moment ago. */
export const freshAlarm: Experiment = {
  name: "fresh-alarm",
  question: "What does an update do whose alarm has no data yet?",
  believed: "An alarm in INSUFFICIENT_DATA neither keeps an update from beginning nor takes it back.",
  minutes: 50,
  // Blue and green run side by side.
  costs: [
    { key: "sagemaker.hosting.ml.m5.large", units: (2 * 50) / 60 },
    { key: "cloudwatch.alarm", units: 0.01 },
  ],
  async ask(bench) {
    const { endpoint, roleArn } = await cpuEndpoint(bench, 20);
    const hosting = new Hosting(bench.session);
    const next = bench.name("next");
    await hosting.model(next, { ...bench.model, roleArn }, bench.tags);
    await hosting.configure(next, "probe", next, cpuHost, bench.tags);
    const alarm = bench.name("alarm");
    const metrics = new Metrics(bench.session);
    await metrics.putAlarm(alarm, "peregrine-probe", "Nothing", bench.tags);
    const before = (await metrics.alarmStates(alarm))[alarm];
    bench.step(`updates the endpoint under an alarm in ${before}`);
    await hosting.update(endpoint, next, alarm);
    const after = await bench.until(25, async () =>
      ((one) => (one?.EndpointStatus === "Updating" || one?.EndpointStatus === "SystemUpdating" ? undefined : one))(
        await new SageMaker(bench.session).describeEndpoint(endpoint),
      ),
    );
    const seen = `${after?.EndpointStatus ?? "still Updating"} on ${after?.EndpointConfigName === next ? "the new" : "the old"} configuration, alarm ${before} before and ${(await metrics.alarmStates(alarm))[alarm]} after ${after?.FailureReason ?? ""}`;
    return after?.EndpointStatus === "InService" && after.EndpointConfigName === next ? held(seen) : refuted(seen);
  },
};
