/** Operations that change nothing, by the first word of their name: AWS names them consistently. */
const reading =
  /^(Get|List|Describe|Head|Lookup|BatchGet|BatchCheck|Search|Query|Scan|Filter|Select|Test|Validate|Simulate|Estimate|Check|Preview|Decode|View|Discover)/;

/** Cryptography with a key leaves the key as it is. */
const computing =
  /^(Encrypt|Decrypt|ReEncrypt|GenerateDataKey|GenerateRandom|GenerateMac|VerifyMac|Sign|Verify|DeriveSharedSecret)/;

/** Whether an operation only reads (CloudTrail's `readOnly`). */
export function isReadOnly(operation: string): boolean {
  return reading.test(operation) || computing.test(operation) || /^(AssumeRole|GetSessionToken)/.test(operation);
}

/**
 * Whether a request to moto belongs in its journal. Receiving from a queue changes visibility only, and may wait for 20
 * seconds: a message that was received but not deleted when the cloud was killed is simply visible again.
 */
export function isRecorded(operation: string): boolean {
  return !reading.test(operation) && !computing.test(operation) && operation !== "ReceiveMessage";
}
