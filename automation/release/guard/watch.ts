import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { Metrics } from "../../../aws/cloudwatch";
import { Logs } from "../../../aws/logs";
import { SageMaker } from "../../../aws/sagemaker";
import { callerIdentity } from "../../../aws/sts";
import { goldenMetric } from "../../../contract/golden-metric";
import type { RolloutBlock } from "../../../lifecycle/rollout/evidence";
import { nothingServed, servedBeside } from "../../../lifecycle/rollout/served";
import { answersByMinute, minutesTogether, requestsByMinute, type ServedQuery } from "../../../records/served";
import type { Environment } from "../../stack/environment";
import { RolloutGuard } from "./guard";

const shape = z.object({
  rollout: z.enum(["all-at-once", "canary", "linear"]),
  latencyP90Ms: z.coerce.number().positive(),
  rolloutUnproven: z.enum(["keep", "roll-back"]),
});

/** What an environment's settings say about guarded rollouts. */
export interface GuardSettings {
  /** Whether both configurations have traffic side by side, so that they can be compared. */
  readonly compares: boolean;
  /** A request that takes the model longer is slow. */
  readonly latencyMs: number;
  /** What becomes of a release of which nothing is proven when its update ends. */
  readonly unproven: "keep" | "roll-back";
}

export function guardSettings({ settings }: Pick<Environment, "settings">): GuardSettings {
  const { rollout, latencyP90Ms, rolloutUnproven } = shape.parse(settings);
  return { compares: rollout !== "all-at-once", latencyMs: latencyP90Ms, unproven: rolloutUnproven };
}

/** Whose update is watched. */
export interface GuardedUpdate {
  readonly endpoint: string;
  /** The production variant that the rollout's alarms watch. */
  readonly variant: string;
  readonly latencyMs: number;
  /** Package of the new release; undefined where the release before is of the same one: nobody tells their answers apart. */
  readonly modelPackageArn: string | undefined;
}

/** A guard over the update of an environment's endpoint. */
export function guardUpdate(
  { session, name: environment }: Pick<Environment, "session" | "name">,
  { endpoint, variant, latencyMs, modelPackageArn }: GuardedUpdate,
): RolloutGuard {
  const [sagemaker, metrics, logs] = [new SageMaker(session), new Metrics(session), new Logs(session)];
  const alarm = goldenMetric(environment);
  const query = (from: Date, to: Date): ServedQuery => ({ endpoint, variant, from, to });
  let unread: string | undefined;
  // Not everybody who may release may read logs, and errors are compared without them.
  const answers = async (of: ServedQuery) => {
    try {
      const said = [...(await answersByMinute(logs, of))];
      unread = undefined;
      return said;
    } catch (error) {
      unread = (error as Error).message;
      return [];
    }
  };
  return new RolloutGuard({
    updating: async () => (await sagemaker.describeEndpoint(endpoint))?.PendingDeploymentSummary?.EndpointConfigName,
    now: async () => (await callerIdentity(session)).at,
    history: async (from, to) => {
      const of = query(from, to);
      const [requests, said] = await Promise.all([requestsByMinute(metrics, of, latencyMs), answers(of)]);
      return [...minutesTogether(requests, ...said.map(([, minutes]) => minutes)).values()];
    },
    blocks: async (config, from, to) => {
      const of = query(from, to);
      const [all, fresh, said] = await Promise.all([
        requestsByMinute(metrics, of, latencyMs),
        requestsByMinute(metrics, of, latencyMs, config),
        modelPackageArn === undefined ? [] : answers(of),
      ]);
      const saidBy = (isNew: boolean) =>
        said.filter(([name]) => (name === modelPackageArn) === isNew).map(([, minutes]) => minutes);
      const mine = minutesTogether(fresh, ...saidBy(true));
      // AWS has no metric of the fleet that goes: it is what is left of both.
      const others = minutesTogether(
        new Map([...all].map(([minute, served]) => [minute, servedBeside(served, fresh.get(minute) ?? nothingServed)])),
        ...saidBy(false),
      );
      const minutes = new Set([...mine.keys(), ...others.keys()]);
      return new Map(
        [...minutes].map((minute): [number, RolloutBlock] => [
          minute,
          // SageMaker hands requests to the instance with the fewest outstanding ones: no split is promised.
          { new: mine.get(minute) ?? nothingServed, old: others.get(minute) ?? nothingServed },
        ]),
      );
    },
    unread: () => unread,
    takeBack: (EndpointConfigName) =>
      metrics.publish(
        alarm.namespace,
        alarm.name,
        { EndpointName: endpoint, VariantName: variant, EndpointConfigName },
        1,
      ),
    pause: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
  });
}
