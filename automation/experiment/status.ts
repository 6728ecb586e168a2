import { SageMaker } from "../../aws/sagemaker";
import type { EndingDocument } from "../../contract/experiment";
import { percentOf } from "../../lifecycle/experiment/step";
import { type ExperimentVerdict, judgeExperiment } from "../../lifecycle/experiment/verdict";
import { type Experiment, listExperiments } from "../../records/experiment";
import { ledgerOf } from "../release/history";
import type { Environment } from "../stack/environment";
import { courseOf } from "./end";

/** The newest experiment of an environment, and where it stands. */
export interface ExperimentStatus {
  readonly environment: string;
  /** Undefined where none was ever begun. */
  readonly experiment?: Experiment;
  /** By the looks so far. */
  readonly verdict?: ExperimentVerdict;
  /** Share of the traffic that the challenger has now, per cent. */
  readonly percent?: number;
  /** Requests that were counted, by model. */
  readonly requests?: Readonly<Record<"champion" | "challenger", number>>;
  /** What the controller decided, before the challenger is taken away. */
  readonly ending?: EndingDocument;
}

/** @throws LedgerBroken; Error where the looks are damaged. */
export async function experimentStatus(target: Environment): Promise<ExperimentStatus> {
  const outputs = await target.outputs();
  const experiment = (await listExperiments(ledgerOf(target, outputs), target.name)).at(-1);
  if (!experiment) return { environment: target.name };
  const course = courseOf(target, outputs, experiment.id);
  const [kept, ending, live] = await Promise.all([
    course.read(),
    course.ending(),
    new SageMaker(target.session).describeEndpoint(outputs.endpointName),
  ]);
  const looks = kept.looks.map(({ look }) => look);
  const requests = (arm: "champion" | "challenger") =>
    looks.reduce((total, { arms }) => total + arms[arm].served.requests, 0);
  const weights = (live?.ProductionVariants ?? []).map(({ VariantName = "", CurrentWeight = 0 }) => [
    VariantName,
    CurrentWeight,
  ]);
  return {
    environment: target.name,
    experiment,
    ...(experiment.started
      ? { verdict: judgeExperiment(experiment.designed.design, { startedAt: experiment.started.at, looks }) }
      : {}),
    percent: percentOf(Object.fromEntries(weights) as Record<string, number>),
    requests: { champion: requests("champion"), challenger: requests("challenger") },
    ...(ending ? { ending } : {}),
  };
}
