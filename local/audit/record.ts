import type { Account } from "../account";
import type { Call } from "../call";
import type { Members } from "../members";
import { RawResponse } from "../raw";
import type { Member } from "../model/shapes";

const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";
const longestText = 4096;
const longestList = 100;

/**
 * Members that hold secrets though not every model marks them (`SecretAccessKey` of an answer, a SecureString's value).
 */
const secretNames =
  /^(SecretAccessKey|SessionToken|Password|SecretString|SecretBinary|Plaintext|CiphertextBlob|TokenCode|AuthorizationToken|authorizationToken)$/;

const eventSources: Readonly<Record<string, string>> = {
  "sagemaker-runtime": "sagemaker",
  "sagemaker-metrics": "sagemaker",
  cloudwatch: "monitoring",
  resourcegroupstaggingapi: "tagging",
  "application-autoscaling": "autoscaling",
  stepfunctions: "states",
};

export function eventSource(service: string): string {
  return `${eventSources[service] ?? service}.amazonaws.com`;
}

const dataOperations = new Set([
  "InvokeEndpoint",
  "InvokeEndpointAsync",
  "InvokeEndpointWithResponseStream",
  "Invoke",
  "GetObject",
  "PutObject",
  "DeleteObject",
  "DeleteObjects",
  "HeadObject",
  "CopyObject",
  "ListObjects",
  "ListObjectsV2",
  "UploadPart",
  "CompleteMultipartUpload",
  "CreateMultipartUpload",
  "AbortMultipartUpload",
  "PutMetricData",
  "GetMetricData",
  "PutLogEvents",
  "SendMessage",
  "ReceiveMessage",
  "DeleteMessage",
  "SendMessageBatch",
  "DeleteMessageBatch",
  "Publish",
  "PublishBatch",
  "PutEvents",
  "BatchPutMetrics",
  "CallMlflowAppApi",
]);

/** Data events are what resources do; management events are what is done to them. */
export function isDataEvent(call: Call): boolean {
  return dataOperations.has(call.operation);
}

/**
 * What a data event is about, for the types that selectors are known for: S3's objects, functions, endpoints; undefined
 * for all others.
 */
export function dataResource(
  account: Account,
  { service, operation }: Call,
  input: Members,
): { readonly type: string; readonly arn: string } | undefined {
  if (service === "s3" && typeof input["Bucket"] === "string")
    return {
      type: "AWS::S3::Object",
      arn: `arn:aws:s3:::${input["Bucket"]}/${typeof input["Key"] === "string" ? input["Key"] : ""}`,
    };
  if (service === "lambda" && operation === "Invoke")
    return {
      type: "AWS::Lambda::Function",
      arn: String(input["FunctionName"]).startsWith("arn:")
        ? String(input["FunctionName"])
        : account.arn("lambda", `function:${input["FunctionName"]}`),
    };
  if (service === "sagemaker-runtime")
    return {
      type: "AWS::SageMaker::Endpoint",
      arn: account.arn("sagemaker", `endpoint/${String(input["EndpointName"]).toLowerCase()}`),
    };
  return undefined;
}

/** CloudTrail's userIdentity of a principal. */
export function userIdentity(call: Call, accountId: string): Members {
  const { principal } = call;
  const accessKeyId = /Credential=([^/]+)\//.exec(call.caller.raw?.headers["authorization"] ?? "")?.[1];
  const who = {
    principalId: principal.id,
    arn: principal.arn,
    accountId: principal.accountId,
    ...(accessKeyId ? { accessKeyId } : {}),
  };
  switch (principal.type) {
    case "root":
      return { type: "Root", ...who };
    case "user":
      return {
        type: "IAMUser",
        ...who,
        userName: principal.arn.split("/").pop(),
        ...(principal.issuedMs === undefined
          ? {}
          : { sessionContext: { attributes: { mfaAuthenticated: String(principal.mfa === true) } } }),
      };
    case "service":
      return { type: "AWSService", invokedBy: principal.arn };
    case "role":
      return {
        type: "AssumedRole",
        ...who,
        sessionContext: {
          sessionIssuer: {
            type: "Role",
            principalId: principal.id.split(":")[0],
            arn: principal.roleArn,
            accountId,
            userName: principal.roleArn?.split("/").pop(),
          },
          attributes: { mfaAuthenticated: "false" },
          ...(principal.sourceIdentity ? { sourceIdentity: principal.sourceIdentity } : {}),
        },
        ...(principal.invokedBy ? { invokedBy: principal.invokedBy } : {}),
      };
  }
}

/** Parameters as CloudTrail shows them: names in lower camel case, secrets hidden, bodies left out, long values cut. */
export function shorten(value: Members, member: Member | undefined): Members | null {
  const short = walk(value, member) as Members;
  return Object.keys(short).length > 0 ? short : null;
}

function walk(value: unknown, member: Member | undefined): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return undefined;
  if (typeof value === "string")
    return value.length > longestText ? `${value.slice(0, longestText)}... (${value.length} characters)` : value;
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.slice(0, longestList).map((item) => walk(item, member?.shape.element));
  const isMap = member?.shape.type === "map";
  const short: Members = {};
  for (const [name, held] of Object.entries(value)) {
    const known = isMap ? member.shape.value : member?.shape.byName.get(name);
    const short1 = known?.shape.sensitive || secretNames.test(name) ? hidden : walk(held, known);
    if (short1 !== undefined) short[isMap ? name : name.charAt(0).toLowerCase() + name.slice(1)] = short1;
  }
  return short;
}

/** The ARNs that a call names: given in its parameters, or told in its answer. */
export function resourcesOf(account: Account, input: Members, output: unknown): { ARN: string; accountId?: string }[] {
  const found = new Set<string>();
  for (const source of [input, output instanceof RawResponse ? undefined : output])
    for (const [name, value] of Object.entries((source as Members | undefined) ?? {}))
      if (typeof value === "string" && value.startsWith("arn:") && /arn$/i.test(name) && found.size < 10)
        found.add(value);
  if (typeof input["Bucket"] === "string")
    found.add(`arn:aws:s3:::${input["Bucket"]}${typeof input["Key"] === "string" ? `/${input["Key"]}` : ""}`);
  return [...found].map((ARN) => ({ ARN, accountId: ARN.split(":")[4] || account.accountId }));
}

/** The error in an encoded answer of a service behind the local cloud. */
export function responseError(answer: RawResponse): { code: string; message: string } | undefined {
  if (answer.status < 400) return undefined;
  const text = answer.body.toString("utf8", 0, 4096);
  const code =
    answer.headers["x-amzn-errortype"] ??
    /<Code>([^<]+)<\/Code>/.exec(text)?.[1] ??
    /"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(text)?.[1] ??
    String(answer.status);
  const message =
    /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? /"[Mm]essage"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? "";
  return { code, message };
}
