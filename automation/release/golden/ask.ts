import { z } from "zod";
import { SageMakerRuntime } from "../../../aws/sagemaker-runtime";
import type { AwsSession } from "../../../aws/session";
import { servingAnswer } from "../../../contract/serving-answer";
import { type GoldenReply, type GoldenRun, runOf } from "../../../lifecycle/golden-verdict";
import type { GoldenImage } from "./images";

/** Sends one image, to one variant where it is named. A reply with `failed` is no answer at all: SageMaker or the container refused. */
export async function askOne(
  runtime: SageMakerRuntime,
  endpoint: string,
  { key, body, contentType }: GoldenImage,
  variant?: string,
): Promise<GoldenReply> {
  let text: string;
  try {
    text = (await runtime.invoke(endpoint, body, contentType, { variant })).body.toString("utf8");
  } catch (error) {
    return { problem: `${key}: ${(error as Error).name}: ${(error as Error).message}`, failed: true };
  }
  const parsed = servingAnswer.safeParse(parseJson(text));
  if (!parsed.success)
    return {
      problem: `${key}: the answer breaks the serving contract: ${z.prettifyError(parsed.error)}`,
      failed: false,
    };
  const { image, detections, model } = parsed.data;
  return { answer: { image: key, width: image.w, height: image.h, detections }, model: model.sha256 };
}

/** Sends each image once. */
export async function askGolden(
  session: AwsSession,
  endpoint: string,
  images: readonly GoldenImage[],
  variant?: string,
): Promise<GoldenRun> {
  const runtime = new SageMakerRuntime(session);
  const replies: GoldenReply[] = [];
  let slowestMs = 0;
  for (const image of images) {
    const started = performance.now();
    replies.push(await askOne(runtime, endpoint, image, variant));
    slowestMs = Math.max(slowestMs, performance.now() - started);
  }
  return runOf(images, replies, slowestMs);
}

/** Text that is no JSON breaks the contract as any other wrong answer. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
