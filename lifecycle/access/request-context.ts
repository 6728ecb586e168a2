import { type Asset, list, type Session } from "./model";

/**
 * What a caller does not choose: AWS says it of the caller, the session, the thing, or a service's call. Everything
 * else in a request, its tags and parameters before all, is the caller's. The time and the place of a request are too:
 * who waits or travels has them.
 */
const setByAws = [
  /^aws:principal/,
  /^aws:userid$/,
  /^aws:username$/,
  /^aws:sourceidentity$/,
  /^aws:multifactorauth/,
  /^aws:resource/,
  /^aws:source(account|arn|vpc|vpce|org)/,
  /^aws:calledvia/,
  /^aws:viaawsservice$/,
  /^aws:federatedprovider$/,
  /^aws:securetransport$/,
  /^aws:requestedregion$/,
  /^aws:tokenissuetime$/,
  /^[\w-]+:resourcetag\//,
  /^kms:(resourcealiases|calleraccount|grantisforawsresource|keyorigin|keyspec|keyusage)$/,
  /^iam:(passedtoservice|associatedresourcearn)$/,
  /^ec2:role/,
  /^sagemaker:(domainid|userprofilename)$/,
  /^s3:(tlsversion|signatureversion|resourceaccount|existingobjecttag)/,
  /^sts:sourceidentity$/,
];

const chosen = new Map<string, boolean>();
/** Whether the caller chooses the value of a condition key. */
export function isCallerControlled(key: string): boolean {
  let known = chosen.get(key);
  if (known === undefined) chosen.set(key, (known = !setByAws.some((pattern) => pattern.test(key))));
  return known;
}

/** Services with one endpoint for all regions (`aws:RequestedRegion`, IAM user guide). */
const globalServices = new Set(["iam", "organizations", "budgets", "ce"]);

/**
 * What AWS puts into every request of a session about a thing.
 * @param freeTags the caller may tag the thing, so its tags are the caller's choice.
 */
export function awsContext(
  session: Session,
  asset: Asset,
  action: string,
  region: string,
  freeTags = false,
): Record<string, readonly string[]> {
  const context: Record<string, readonly string[]> = {
    "aws:principalarn": [session.arn],
    "aws:principalaccount": [session.account],
    "aws:principaltype": [session.type === "user" ? "User" : "AssumedRole"],
    "aws:multifactorauthpresent": [String(session.mfa)],
    "aws:securetransport": ["true"],
    "s3:tlsversion": ["1.3"],
    "aws:viaawsservice": ["false"],
    "aws:principalisawsservice": ["false"],
    "aws:requestedregion": [globalServices.has(action.slice(0, action.indexOf(":"))) ? "us-east-1" : region],
    "aws:resourceaccount": [asset.account],
    "kms:calleraccount": [session.account],
    "kms:grantisforawsresource": ["false"],
  };
  if (session.identity) context["aws:sourceidentity"] = [session.identity];
  if (session.type === "user") context["aws:username"] = [session.arn.slice(session.arn.lastIndexOf("/") + 1)];
  if (session.role?.kind === "studio" && session.identity) context["sagemaker:userprofilename"] = [session.identity];
  if (session.role?.kind === "studio") context["sagemaker:domainid"] = ["d-probe"];
  const service = action.slice(0, action.indexOf(":"));
  if (!freeTags)
    for (const [name, value] of Object.entries(asset.tags ?? {}))
      for (const prefix of ["aws", service]) context[`${prefix}:resourcetag/${name.toLowerCase()}`] = [value];
  for (const [key, value] of Object.entries(asset.context ?? {})) context[key.toLowerCase()] = list(value);
  return context;
}
