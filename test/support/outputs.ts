import type { Output } from "@pulumi/pulumi";

/**
 * The value of an output. Unlike an assertion inside `apply`, awaiting it fails the test when the value is wrong or
 * when the resource behind it could not be registered.
 */
export function value<T>(output: Output<T>): Promise<T> {
  return (output as unknown as { promise(): Promise<T> }).promise();
}
