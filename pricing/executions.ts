import { assumptions } from "./assumptions";
import { MissingPrice, type Prices } from "./table";

/** A job of a pipeline's execution. */
export interface ExecutionJob {
  readonly kind: "training" | "processing";
  readonly hours: number;
}

/** What the jobs of the training pipeline run on, and how long they may. */
export interface PipelineHosts {
  readonly trainingInstanceType: string;
  readonly processingInstanceType: string;
  readonly trainingMaxHours: number;
  readonly processingMaxHours: number;
}

/** Processing jobs of one execution: profile, prepare, evaluate. */
const processingJobs = 3;

/**
 * What executions of the training pipeline cost, on the safe side: on demand, though spot is cheaper; by the dearer of
 * the two hosts for a processing job, since evaluation runs on that of training; by the clock, though waiting for a host
 * is not billed.
 */
export class ExecutionPrices {
  private readonly hourly: Readonly<Record<ExecutionJob["kind"], number>>;

  /** @throws MissingPrice. */
  constructor(
    prices: Prices,
    private readonly hosts: PipelineHosts,
  ) {
    const { trainingInstanceType, processingInstanceType } = hosts;
    this.hourly = {
      training: prices.usd(`sagemaker.training.${trainingInstanceType}`),
      processing: Math.max(
        prices.usd(`sagemaker.processing.${processingInstanceType}`),
        prices.usd(`sagemaker.processing.${trainingInstanceType}`),
      ),
    };
  }

  /** USD for jobs that ran. */
  usd(jobs: readonly ExecutionJob[]): number {
    return jobs.reduce((sum, { kind, hours }) => sum + hours * this.hourly[kind], 0);
  }

  /** USD for an execution whose jobs run for as long as they may. */
  get atMostUsd(): number {
    const { trainingMaxHours, processingMaxHours } = this.hosts;
    return this.usd([
      { kind: "training", hours: trainingMaxHours },
      { kind: "processing", hours: processingJobs * processingMaxHours },
    ]);
  }

  /**
   * USD that one more execution is expected to cost: the mean of those that succeeded, or of what is assumed of any.
   * @param past jobs of executions that succeeded.
   */
  expectedUsd(past: readonly (readonly ExecutionJob[])[]): number {
    const { trainingHoursPerRun, processingHoursPerRun } = assumptions();
    const known: readonly (readonly ExecutionJob[])[] =
      past.length > 0
        ? past
        : [
            [
              { kind: "training", hours: Math.min(trainingHoursPerRun, this.hosts.trainingMaxHours) },
              { kind: "processing", hours: processingJobs * processingHoursPerRun },
            ],
          ];
    return known.reduce((sum, jobs) => sum + this.usd(jobs), 0) / known.length;
  }
}

/** Prices of a pipeline's executions, or why there are none. */
export function executionPrices(prices: Prices, hosts: PipelineHosts): ExecutionPrices | { readonly problem: string } {
  try {
    return new ExecutionPrices(prices, hosts);
  } catch (error) {
    if (error instanceof MissingPrice) return { problem: `${error.message}. ${error.cure}` };
    throw error;
  }
}
