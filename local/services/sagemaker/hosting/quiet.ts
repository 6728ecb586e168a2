import type { Cloud } from "../../../cloud";
import { scaledVariants } from "../../application-autoscaling/records";
import type { EndpointRecords } from "./records";

/** Twice a minute of cloud time, so that no minute is left out. */
const EVERY_MS = 30_000;

/**
 * Says of scaled variants that nobody asks that nobody asks them: "if a variant's traffic becomes zero, SageMaker
 * automatically scales in to the minimum number of instances specified. In this case, SageMaker emits metrics with a
 * value of zero" (developer guide, "Edit a scaling policy"). Sums of variants that are asked do not change by it. That
 * it is `InvocationsPerInstance` alone is believed.
 */
export class QuietVariants {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly cloud: Cloud,
    private readonly records: EndpointRecords,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.tell(), Math.max(200, EVERY_MS / this.cloud.clock.speed));
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tell(): void {
    const quiet = [...this.records.endpoints.values()]
      .filter(({ live, status }) => live && status !== "Failed" && status !== "Deleting")
      .flatMap(({ name }) => scaledVariants(this.cloud, name).map((variant) => ({ name, variant })));
    if (quiet.length === 0) return;
    this.cloud.internals.measure(
      quiet.map(({ name, variant }) => ({
        namespace: "AWS/SageMaker",
        name: "InvocationsPerInstance",
        value: 0,
        unit: "None",
        dimensions: { EndpointName: name, VariantName: variant },
      })),
    );
  }
}
