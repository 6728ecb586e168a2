import type { SageMaker } from "../../aws/sagemaker";
import type { SageMakerRuntime } from "../../aws/sagemaker-runtime";
import { readJson } from "../../contract/json";
import { type Rung, rungEndpoint } from "../../contract/front-door";
import { flightOf } from "../../contract/labels";
import { servingAnswer } from "../../contract/serving-answer";
import { assignVariant, type WeightedVariant } from "../../lifecycle/failover/assignment";
import { judgeFailure, judgeSense } from "../../lifecycle/failover/evidence";
import type { Tried } from "./climb";

/** An image with what is known of it. */
export interface SentImage {
  readonly body: Buffer;
  readonly contentType: string;
  readonly inferenceId: string;
}

/** An experiment that runs: its name, and its variants. */
interface Running {
  readonly experiment: string;
  readonly variants: readonly WeightedVariant[];
  readonly atMs: number;
}

/** Weights are looked up so often: a new step of an experiment reaches all flights within it. */
const variantsMs = 30_000;

export interface EndpointsArgs {
  readonly environment: string;
  readonly runtime: Pick<SageMakerRuntime, "invoke">;
  readonly endpoints: Pick<SageMaker, "describeEndpoint">;
  /** How long one rung may take. */
  readonly timeoutMs: number;
  readonly log: (line: string) => void;
}

/** The endpoints behind the door. */
export class Endpoints {
  private running: Running | undefined;

  constructor(private readonly args: EndpointsArgs) {}

  /** Asks one rung. Never throws: whatever goes wrong is a verdict about the rung or the request. */
  async ask(rung: Rung, image: SentImage, nowMs: number): Promise<Tried> {
    const variant = rung === "champion" ? await this.variantOf(image, nowMs) : undefined;
    const tried = await this.invoke(rung, image, variant);
    if (tried.kind !== "failure" || variant === undefined) return tried;
    // The experiment may have ended since: whoever serves now, may.
    if (!tried.reasons.some((reason) => reason.startsWith("ValidationError"))) return tried;
    this.running = undefined;
    return this.invoke(rung, image, undefined);
  }

  private async invoke(rung: Rung, image: SentImage, variant: string | undefined): Promise<Tried> {
    const { environment, runtime, timeoutMs } = this.args;
    try {
      const { inferenceId, body, contentType } = image;
      const answer = await runtime.invoke(rungEndpoint(environment, rung), body, contentType, {
        inferenceId,
        timeoutMs,
        ...(variant === undefined ? {} : { variant }),
      });
      const text = answer.body.toString("utf8");
      const problems = problemsIn(text);
      return problems.length > 0
        ? { kind: "failure", reasons: problems }
        : { kind: "answer", answer: { text, variant: answer.variant } };
    } catch (error) {
      const { name, message, OriginalStatusCode, OriginalMessage } = error as Error & ModelErrorFacts;
      const told = OriginalMessage ?? message;
      const { verdict, reasons } = judgeFailure({ name, message: told, status: OriginalStatusCode });
      return verdict === "request"
        ? { kind: "refusal", refusal: { status: OriginalStatusCode!, message: told }, reasons }
        : { kind: "failure", reasons };
    }
  }

  /** The variant that a flight belongs to. Where nobody knows, SageMaker chooses by its weights. */
  private async variantOf({ inferenceId }: SentImage, nowMs: number): Promise<string | undefined> {
    if (!this.running || nowMs - this.running.atMs >= variantsMs) this.running = await this.look(nowMs);
    const { experiment, variants } = this.running;
    return assignVariant(flightOf(inferenceId), experiment, variants);
  }

  private async look(nowMs: number): Promise<Running> {
    const { environment, endpoints, log } = this.args;
    try {
      const found = await endpoints.describeEndpoint(rungEndpoint(environment, "champion"));
      const variants = (found?.ProductionVariants ?? []).map(({ VariantName, CurrentWeight }) => ({
        name: VariantName!,
        weight: CurrentWeight ?? 0,
      }));
      // Every experiment has an endpoint configuration of its own.
      return { experiment: found?.EndpointConfigName ?? "", variants, atMs: nowMs };
    } catch (error) {
      log(`the variants cannot be looked up: ${(error as Error).message}`);
      return { experiment: "", variants: [], ...this.running, atMs: nowMs };
    }
  }
}

/** What a `ModelError` says beside (SageMaker Runtime API). */
interface ModelErrorFacts {
  readonly OriginalStatusCode?: number;
  readonly OriginalMessage?: string;
}

/** Why an answer is none. */
function problemsIn(text: string): readonly string[] {
  const read = readJson(text, servingAnswer);
  if (read.kind === "value") return judgeSense(read.value).verdict === "sense" ? [] : judgeSense(read.value).reasons;
  return [
    `the answer breaks the serving contract: ${read.kind === "not-json" ? read.why : read.problems.slice(0, 3).join("; ")}`,
  ];
}
