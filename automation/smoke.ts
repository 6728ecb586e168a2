import { ObjectStore } from "../aws/s3";
import { SageMakerRuntime } from "../aws/sagemaker-runtime";
import type { AwsSession } from "../aws/session";
import { z } from "zod";
import { UserError } from "./errors";

/** The part of a detector's answer that every client relies on; see ml/README.md. */
const answerShape = z.object({
  image: z.object({ w: z.number().int().positive(), h: z.number().int().positive() }),
  detections: z.array(
    z.object({ name: z.string(), confidence: z.number().min(0).max(1), box: z.tuple([z.number(), z.number(), z.number(), z.number()]) }),
  ),
  model: z.object({ sha256: z.string() }),
});

export interface SampleImage {
  readonly key: string;
  readonly contentType: string;
  readonly body: Buffer;
}

export interface SmokeResult {
  readonly ok: boolean;
  /** One line per problem. */
  readonly problems: readonly string[];
  readonly invocations: number;
  readonly detections: number;
  /** Slowest answer, milliseconds, as the client sees it. */
  readonly slowestMs: number;
}

/** Real images of the dataset to test an endpoint with, evenly picked. @throws UserError when there are none. */
export async function sampleImages(session: AwsSession, bucket: string, prefix: string, count: number): Promise<SampleImage[]> {
  const store = new ObjectStore(session);
  if (!(await store.bucketExists(bucket))) throw new UserError(`The dataset bucket ${bucket} does not exist.`, "Check the dataset bucket in the stack's settings (datasetBucket).");
  const images = (await store.list(bucket, prefix)).filter(({ key }) => contentTypeOf(key));
  if (images.length === 0)
    throw new UserError(`s3://${bucket}/${prefix} holds no JPEG or PNG image to test an endpoint with.`, "Check the dataset bucket and its prefix in the stack's settings.");
  const step = Math.max(1, Math.floor(images.length / count));
  const picked = images.filter((_, index) => index % step === 0).slice(0, count);
  return Promise.all(
    picked.map(async ({ key }) => ({ key, contentType: contentTypeOf(key)!, body: (await store.get({ bucket, key }))! })),
  );
}

/** Sends each image once and checks the answers against the serving contract. */
export async function smokeTest(session: AwsSession, endpoint: string, images: readonly SampleImage[]): Promise<SmokeResult> {
  const runtime = new SageMakerRuntime(session);
  const problems: string[] = [];
  let detections = 0;
  let slowestMs = 0;
  for (const image of images) {
    const started = performance.now();
    try {
      const { body } = await runtime.invoke(endpoint, image.body, image.contentType);
      const answer = answerShape.safeParse(JSON.parse(body.toString("utf8")));
      if (answer.success) detections += answer.data.detections.length;
      else problems.push(`${image.key}: the answer breaks the serving contract: ${z.prettifyError(answer.error)}`);
    } catch (error) {
      problems.push(`${image.key}: ${(error as Error).name}: ${(error as Error).message}`);
    }
    slowestMs = Math.max(slowestMs, performance.now() - started);
  }
  return { ok: problems.length === 0, problems, invocations: images.length, detections, slowestMs };
}

function contentTypeOf(key: string): string | undefined {
  if (/\.jpe?g$/i.test(key)) return "image/jpeg";
  if (/\.png$/i.test(key)) return "image/png";
  return undefined;
}
