import { isIP } from "node:net";
import type { Call, Members, Requirement } from "../cloud";
import type { Lookup, Values } from "./pattern";
import type { Principal } from "./principal";
import { requestTagKeys, requestTags } from "./tags";

/** What the context of a request is made from. */
export interface ContextSource {
  readonly call: Call;
  readonly input: Members;
  readonly requirement: Requirement;
  readonly region: string;
  /** Tags of the caller: the role's or user's own, overlaid by session tags. */
  readonly principalTags: () => Readonly<Record<string, string>>;
  /** Tags of the requirement's resource. */
  readonly resourceTags: () => Readonly<Record<string, string>> | undefined;
  readonly resourceAccount: string;
  /** Tags of the request speak of this requirement (they do not of `iam:PassRole` beside a create). */
  readonly ownAction: boolean;
}

/** Services with one endpoint for all regions, whose requests carry this region (`aws:RequestedRegion`, IAM user guide). */
const globalServices: ReadonlySet<string> = new Set(["iam", "organizations", "budgets", "ce", "route53", "cloudfront"]);

/** The request context of one requirement: AWS's global condition keys, tags, and the action's own keys. */
export function requestContext(source: ContextSource): Lookup {
  const own = lowerKeys(source.requirement.context);
  const known = new Map<string, Values | undefined>();
  return (key) => {
    if (own?.has(key)) return own.get(key);
    if (!known.has(key)) known.set(key, globalKey(key, source));
    return known.get(key);
  };
}

/** A fixed context, as the policy simulator is given one. */
export function fixedContext(entries: Readonly<Record<string, string | Values>>): Lookup {
  const keys = lowerKeys(entries);
  return (key) => keys?.get(key);
}

function lowerKeys(entries: Readonly<Record<string, string | Values>> | undefined): Map<string, Values> | undefined {
  return entries && new Map(Object.entries(entries).map(([key, value]) => [key.toLowerCase(), typeof value === "string" ? [value] : value]));
}

function globalKey(key: string, source: ContextSource): Values | undefined {
  const { call } = source;
  const { principal } = call;
  if (key.includes("/")) return tagKey(key, source);
  switch (key) {
    case "aws:currenttime":
      return [call.now.toISOString()];
    case "aws:epochtime":
      return [String(Math.floor(call.now.getTime() / 1000))];
    case "aws:requestedregion":
      return [globalServices.has(call.service) ? "us-east-1" : source.region];
    case "aws:securetransport":
      // The loopback interface counts as a secure transport: nobody else can listen.
      return ["true"];
    case "s3:tlsversion":
      return call.service === "s3" ? ["1.3"] : undefined;
    case "aws:sourceip":
      return isIP(call.caller.sourceIp) ? [call.caller.sourceIp] : undefined;
    case "aws:useragent":
      return [call.caller.userAgent];
    case "aws:tagkeys":
      return source.ownAction ? requestTagKeys(source.input) : undefined;
    case "aws:resourceaccount":
      return [source.resourceAccount];
    default:
      return principalKey(key, principal);
  }
}

const principalTypes = { root: "Account", user: "User", role: "AssumedRole" } as const;

function principalKey(key: string, principal: Principal): Values | undefined {
  const service = principal.type === "service";
  switch (key) {
    case "aws:principalarn":
      // For a session it is the role, not the session (IAM user guide, aws:PrincipalArn).
      return service ? undefined : [principal.roleArn ?? principal.arn];
    case "aws:principalaccount":
      return service ? undefined : [principal.accountId];
    case "aws:principaltype":
      return principal.type === "service" ? undefined : [principalTypes[principal.type]];
    case "aws:userid":
      return [principal.id];
    case "aws:username":
      return principal.type === "user" ? [principal.arn.slice(principal.arn.lastIndexOf("/") + 1)] : undefined;
    case "aws:sourceidentity":
      return present(principal.sourceIdentity);
    case "aws:federatedprovider":
      return present(principal.federatedProvider);
    case "aws:multifactorauthpresent":
      // Only temporary credentials carry the key; the local cloud has no MFA devices.
      return principal.type === "role" ? ["false"] : undefined;
    case "aws:viaawsservice":
      return ["false"];
    case "aws:principalisawsservice":
      return [String(service)];
    case "aws:principalservicename":
      return service ? [principal.arn] : undefined;
    case "aws:sourceaccount":
      return service ? [principal.accountId] : undefined;
    case "aws:sourcearn":
      return service ? present(principal.sourceArn) : undefined;
    default:
      return undefined;
  }
}

function tagKey(key: string, source: ContextSource): Values | undefined {
  const slash = key.indexOf("/");
  const name = key.slice(slash + 1);
  switch (key.slice(0, slash)) {
    case "aws:principaltag":
      return tag(source.principalTags(), name);
    case "aws:requesttag":
      return source.ownAction ? tag(requestTags(source.input), name) : undefined;
    default:
      // aws:ResourceTag/x, and the older iam:ResourceTag/x, sagemaker:ResourceTag/x, ssm:resourceTag/x.
      return key.slice(0, slash).endsWith(":resourcetag") ? tag(source.resourceTags(), name) : undefined;
  }
}

/** Condition keys ignore letter case, the tag key in them included. */
function tag(tags: Readonly<Record<string, string>> | undefined, name: string): Values | undefined {
  if (!tags) return undefined;
  for (const [key, value] of Object.entries(tags)) if (key.toLowerCase() === name) return [value];
  return undefined;
}

function present(value: string | undefined): Values | undefined {
  return value === undefined ? undefined : [value];
}
