import type { Call } from "../../call";
import { AwsError } from "../../errors";
import type { Members } from "../../members";
import { bytes, readObject } from "../objects";
import type { Package } from "./code";
import { invalid } from "./function-settings";
import type { LambdaParts } from "./parts";

/**
 * The package that a request brings or names; an object is read as the caller.
 * @throws AwsError InvalidParameterValueException.
 */
export async function packageOf(
  { store: { cloud }, code }: LambdaParts,
  source: Members,
  call: Call,
): Promise<Package> {
  if (source["ImageUri"] !== undefined) throw invalid("The local cloud runs functions of package type Zip only.");
  if (source["ZipFile"] !== undefined) return code.put(bytes(source["ZipFile"]));
  if (source["S3Bucket"] === undefined || source["S3Key"] === undefined)
    throw invalid("Please provide a source for function code.");
  try {
    return code.put(
      await readObject(
        cloud,
        call.principal,
        source["S3Bucket"],
        source["S3Key"],
        "lambda.amazonaws.com",
        source["S3ObjectVersion"],
      ),
    );
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === "InvalidParameterValueException") throw error;
    throw invalid(`Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`);
  }
}
