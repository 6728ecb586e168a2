import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient, UpdateEndpointCommand, UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";

/** One thing that a role tries, and what must come of it. */
interface Attempt {
  readonly what: string;
  readonly expected: "allowed" | "denied";
  run(): Promise<unknown>;
}

export interface AttemptResult {
  readonly what: string;
  readonly expected: "allowed" | "denied";
  readonly actual: "allowed" | "denied";
  /** AWS's message, when denied. */
  readonly message?: string;
}

/** What the data scientist does and must not do, as real requests of the profile `data-scientist`. */
export function dataScientistAttempts(region: string, dataset: { bucket: string; key: string }, prodEndpoint: string, packageArn: string): Attempt[] {
  const settings = { region, profile: "data-scientist" };
  const s3 = new S3Client(settings);
  const sagemaker = new SageMakerClient(settings);
  const { bucket: Bucket, key: Key } = dataset;
  return [
    { what: "list the dataset bucket", expected: "allowed", run: () => s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 })) },
    { what: "read an image of the dataset", expected: "allowed", run: () => s3.send(new GetObjectCommand({ Bucket, Key })) },
    { what: "write into the dataset bucket", expected: "denied", run: () => s3.send(new PutObjectCommand({ Bucket, Key: `${Key}.changed`, Body: "x" })) },
    {
      what: "update the production endpoint",
      expected: "denied",
      run: () => sagemaker.send(new UpdateEndpointCommand({ EndpointName: prodEndpoint, EndpointConfigName: `${prodEndpoint}-other` })),
    },
    {
      what: "approve a model package",
      expected: "denied",
      run: () => sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn: packageArn, ModelApprovalStatus: "Approved" })),
    },
  ];
}

/** Runs every attempt; anything but success or AWS's access-denied answer is a failure of the rehearsal itself. */
export async function tryAll(attempts: readonly Attempt[]): Promise<AttemptResult[]> {
  const results: AttemptResult[] = [];
  for (const { what, expected, run } of attempts) {
    try {
      await run();
      results.push({ what, expected, actual: "allowed" });
    } catch (error) {
      const { name, message } = error as Error;
      if (name !== "AccessDenied" && name !== "AccessDeniedException") throw new Error(`trying to ${what}: ${name}: ${message}`, { cause: error });
      results.push({ what, expected, actual: "denied", message });
    }
  }
  return results;
}
