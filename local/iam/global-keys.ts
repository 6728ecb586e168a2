import { isIP } from "node:net";
import type { ContextSource } from "./context-source";
import type { Values } from "./pattern";
import type { Principal } from "./principal";
import { requestTagKeys, requestTags } from "./tags";

/** A condition key that the local cloud fills in by itself, in requests of every service. */
export interface GlobalKey {
  readonly name: string;
  /** When a request has it, as the documentation says it. */
  readonly present: string;
  value(source: ContextSource): Values | undefined;
}

/**
 * Services with one endpoint for all regions, whose requests carry this region (`aws:RequestedRegion`, IAM user guide).
 */
const globalServices: ReadonlySet<string> = new Set(["iam", "organizations", "budgets", "ce", "route53", "cloudfront"]);
const principalTypes = { root: "Account", user: "User", role: "AssumedRole" } as const;

const key = (name: string, present: string, value: GlobalKey["value"]): GlobalKey => ({ name, present, value });
/** A key of callers that are not AWS services. */
const ofPeople = (name: string, present: string, value: (principal: Principal) => string | undefined): GlobalKey =>
  key(name, present, ({ call: { principal } }) => (principal.type === "service" ? undefined : maybe(value(principal))));
/** A key of AWS services that call by themselves. */
const ofServices = (name: string, present: string, value: (principal: Principal) => string | undefined): GlobalKey =>
  key(name, present, ({ call: { principal } }) => (principal.type === "service" ? maybe(value(principal)) : undefined));

/** AWS's global condition keys that the local cloud knows; every other one is absent from its requests. */
export const globalKeys: readonly GlobalKey[] = [
  key("aws:CurrentTime", "always: the cloud's clock", ({ call }) => [toSeconds(call.now.getTime())]),
  key("aws:EpochTime", "always", ({ call }) => [String(Math.floor(call.now.getTime() / 1000))]),
  key("aws:TokenIssueTime", "temporary credentials", ({ call: { principal } }) =>
    principal.issuedMs === undefined ? undefined : [toSeconds(principal.issuedMs)],
  ),
  key(
    "aws:RequestedRegion",
    "always; `us-east-1` for services with one endpoint for all regions",
    ({ call, region }) => [globalServices.has(call.service) ? "us-east-1" : region],
  ),
  // The loopback interface counts as a secure transport: nobody else can listen.
  key("aws:SecureTransport", "always `true`: loopback counts as secure", () => ["true"]),
  // A request through an endpoint has private addresses only (IAM user guide, aws:SourceIp).
  key(
    "aws:SourceIp",
    "requests over HTTP, not those of services inside, and not through a VPC endpoint",
    ({ call: { caller, via } }) => (!via && isIP(caller.sourceIp) ? [caller.sourceIp] : undefined),
  ),
  key("aws:SourceVpc", "requests through a VPC endpoint", ({ call }) => maybe(call.via?.vpcId)),
  key("aws:SourceVpce", "requests through a VPC endpoint", ({ call }) => maybe(call.via?.endpointId)),
  key("aws:VpcSourceIp", "requests through a VPC endpoint: the first address of the subnet", ({ call }) =>
    maybe(call.via?.address),
  ),
  key("aws:UserAgent", "always", ({ call }) => [call.caller.userAgent]),
  key("aws:Referer", "requests over HTTP with that header", ({ call }) => maybe(call.caller.raw?.headers.referer)),
  key("aws:TagKeys", "requests that set or remove tags", ({ ownAction, input }) =>
    ownAction ? requestTagKeys(input) : undefined,
  ),
  key("aws:ResourceAccount", "always", ({ resourceAccount }) => [resourceAccount]),
  // For a session it is the role, not the session (IAM user guide, aws:PrincipalArn).
  ofPeople("aws:PrincipalArn", "users, roles, root; of a session it is the role", ({ roleArn, arn }) => roleArn ?? arn),
  ofPeople("aws:PrincipalAccount", "users, roles, root", ({ accountId }) => accountId),
  ofPeople("aws:PrincipalType", "users (`User`), roles (`AssumedRole`), root (`Account`)", ({ type }) =>
    type === "service" ? undefined : principalTypes[type],
  ),
  key("aws:userid", "always: `AIDA…`, `AROA…:session`, the account of root", ({ call }) => [call.principal.id]),
  key("aws:username", "users", ({ call: { principal } }) =>
    principal.type === "user" ? [principal.arn.slice(principal.arn.lastIndexOf("/") + 1)] : undefined,
  ),
  key("aws:SourceIdentity", "sessions that were given one", ({ call }) => maybe(call.principal.sourceIdentity)),
  key("aws:FederatedProvider", "sessions of a web identity", ({ call }) => maybe(call.principal.federatedProvider)),
  // Only temporary credentials carry the key.
  key(
    "aws:MultiFactorAuthPresent",
    "temporary credentials: `true` for the people of this account, who are signed in so, `false` for all others and for sessions of roles",
    ({ call: { principal } }) =>
      principal.type === "role" || principal.issuedMs !== undefined ? [String(principal.mfa === true)] : undefined,
  ),
  key(
    "aws:ViaAWSService",
    "`true` where a service uses something in the caller's name ([rights across services](#rights-across-services)), else `false`",
    () => ["false"],
  ),
  key("aws:PrincipalIsAWSService", "always", ({ call }) => [String(call.principal.type === "service")]),
  ofServices("aws:PrincipalServiceName", "AWS services", ({ arn }) => arn),
  ofServices("aws:PrincipalServiceNamesList", "AWS services", ({ arn }) => arn),
  ofServices("aws:SourceAccount", "AWS services, as far as they tell", ({ accountId, unnamed }) =>
    unnamed ? undefined : accountId,
  ),
  ofServices("aws:SourceArn", "AWS services that act for a resource", ({ sourceArn }) => sourceArn),
  key("s3:signatureversion", "requests to S3, always `AWS4-HMAC-SHA256`", ({ call }) =>
    call.service === "s3" ? ["AWS4-HMAC-SHA256"] : undefined,
  ),
  key("s3:authType", "requests to S3: `REST-QUERY-STRING` for presigned ones, else `REST-HEADER`", ({ call }) =>
    call.service === "s3" ? [isPresigned(call) ? "REST-QUERY-STRING" : "REST-HEADER"] : undefined,
  ),
  key("s3:TlsVersion", "requests to S3, always `1.3`", ({ call }) => (call.service === "s3" ? ["1.3"] : undefined)),
];

/**
 * Keys whose name goes on after a slash with the key of a tag. `aws:ResourceTag` is also known by the service's name:
 * `sagemaker:ResourceTag/…`.
 */
export const tagKeys: readonly Omit<GlobalKey, "value">[] = [
  { name: "aws:PrincipalTag/…", present: "tags of the role or user, under those of the session" },
  { name: "aws:RequestTag/…", present: "tags in the request" },
  { name: "aws:ResourceTag/…", present: "tags of the resource, as far as its service here keeps tags" },
];

const byName = new Map(globalKeys.map((one) => [one.name.toLowerCase(), one]));

/** @param name in lower case. @returns what the key holds in this request, undefined where it does not have it. */
export function globalKey(name: string, source: ContextSource): Values | undefined {
  const slash = name.indexOf("/");
  if (slash < 0) return byName.get(name)?.value(source);
  const tagKey = name.slice(slash + 1);
  switch (name.slice(0, slash)) {
    case "aws:principaltag":
      return tag(source.principalTags(), tagKey);
    case "aws:requesttag":
      return source.ownAction ? tag(requestTags(source.input), tagKey) : undefined;
    default:
      // aws:ResourceTag/x, and the older iam:ResourceTag/x, sagemaker:ResourceTag/x, ssm:resourceTag/x.
      return name.slice(0, slash).endsWith(":resourcetag") ? tag(source.resourceTags(), tagKey) : undefined;
  }
}

/** Condition keys ignore letter case, the tag key in them included. */
function tag(tags: Readonly<Record<string, string>> | undefined, name: string): Values | undefined {
  if (!tags) return undefined;
  for (const [one, value] of Object.entries(tags)) if (one.toLowerCase() === name) return [value];
  return undefined;
}

function isPresigned({ caller }: ContextSource["call"]): boolean {
  return caller.raw !== undefined && /[?&]X-Amz-Signature=/i.test(caller.raw.url);
}

/** AWS tells instants in whole seconds. */
function toSeconds(instantMs: number): string {
  return `${new Date(instantMs).toISOString().slice(0, 19)}Z`;
}

function maybe(value: string | undefined): Values | undefined {
  return value === undefined ? undefined : [value];
}
