import { AwsError } from "../errors";
import { conditionOperator } from "./operators";

/** Where a policy document is used; each place has its own grammar. */
export type PolicyKind = "identity" | "trust" | "resource";

/** A `Principal` element: `"*"`, or values by kind (`AWS`, `Service`, `Federated`, `CanonicalUser`). */
export type PrincipalElement = "*" | Readonly<Record<string, readonly string[]>>;

/** One line of a `Condition` block: operator, key, values. */
export interface ConditionElement {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** A statement with every optional form made uniform: single values became lists. */
export interface Statement {
  readonly sid: string | undefined;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly notAction: boolean;
  readonly resources: readonly string[];
  readonly notResource: boolean;
  readonly principal: PrincipalElement | undefined;
  readonly notPrincipal: boolean;
  readonly conditions: readonly ConditionElement[];
}

export interface PolicyDocument {
  readonly version: "2012-10-17" | "2008-10-17";
  readonly id: string | undefined;
  readonly statements: readonly Statement[];
}

type Json = Record<string, unknown>;
const topElements = new Set(["Version", "Id", "Statement"]);
const statementElements = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);
const principalKinds = new Set(["AWS", "Service", "Federated", "CanonicalUser"]);

/** @returns the error IAM answers for a document it cannot accept. */
export function malformed(message: string): AwsError {
  return new AwsError("MalformedPolicyDocument", message);
}

/** IAM says only "Syntax errors in policy."; where they are is added in brackets. */
function syntax(detail: string): AwsError {
  return malformed(`Syntax errors in policy. (${detail})`);
}

/**
 * Reads a policy document by the grammar of its kind.
 * @throws AwsError MalformedPolicyDocument in IAM's words.
 */
export function parsePolicy(text: string, kind: PolicyKind): PolicyDocument {
  const json = readJson(text);
  for (const element of Object.keys(json)) if (!topElements.has(element)) throw syntax(`unknown element ${element}`);
  const version = json.Version ?? "2008-10-17";
  if (version !== "2012-10-17" && version !== "2008-10-17")
    throw syntax(`Version ${JSON.stringify(version)} does not exist`);
  // IAM's managed and inline policies must be of the present version; bucket, queue and trust policies may be older.
  if (kind === "identity" && version !== "2012-10-17")
    throw malformed("Policy document must be version 2012-10-17 or greater.");
  if (json.Id !== undefined && typeof json.Id !== "string") throw syntax("Id is not a string");
  const raw = Array.isArray(json.Statement)
    ? (json.Statement as unknown[])
    : json.Statement === undefined
      ? []
      : [json.Statement];
  if (raw.length === 0) throw syntax("Statement is missing or empty");
  const statements = raw.map((statement, index) => readStatement(statement, index + 1, kind));
  const sids = statements.map((statement) => statement.sid).filter((sid) => sid);
  if (new Set(sids).size < sids.length) throw malformed("Statement IDs (SID) in a single policy must be unique.");
  return { version, id: json.Id as string | undefined, statements };
}

function readJson(text: string): Json {
  if (/^\s/.test(text)) throw malformed("JSON strings must not have leading spaces");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw malformed("This policy contains invalid Json");
  }
  if (!isObject(json)) throw syntax("the document is not an object");
  return json;
}

function readStatement(json: unknown, number: number, kind: PolicyKind): Statement {
  const at = `statement ${number}`;
  if (!isObject(json)) throw syntax(`${at} is not an object`);
  for (const element of Object.keys(json))
    if (!statementElements.has(element)) throw syntax(`${at}: unknown element ${element}`);
  for (const element of ["Action", "Resource", "Principal"]) {
    if (element in json && `Not${element}` in json) throw syntax(`${at}: both ${element} and Not${element}`);
  }
  if (json.Sid !== undefined && typeof json.Sid !== "string") throw syntax(`${at}: Sid is not a string`);
  const sid = json.Sid as string | undefined;
  if (kind !== "resource" && sid !== undefined && !/^[0-9A-Za-z]*$/.test(sid)) {
    throw malformed(
      "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
    );
  }
  if (json.Effect !== "Allow" && json.Effect !== "Deny") throw syntax(`${at}: Effect must be Allow or Deny`);
  const conditions = readConditions(json.Condition, at);
  const actions = strings(json.Action ?? json.NotAction ?? [], `${at}: Action`);
  const resources = strings(json.Resource ?? json.NotResource ?? [], `${at}: Resource`);
  if (actions.length === 0) throw malformed("Policy statement must contain actions.");
  for (const action of actions) checkAction(action);
  checkPlace(json, kind, actions, resources);
  return {
    sid,
    effect: json.Effect,
    actions,
    notAction: "NotAction" in json,
    resources,
    notResource: "NotResource" in json,
    principal: readPrincipal(json.Principal ?? json.NotPrincipal, at),
    notPrincipal: "NotPrincipal" in json,
    conditions,
  };
}

/** What each kind of policy must have and must not have. */
function checkPlace(json: Json, kind: PolicyKind, actions: readonly string[], resources: readonly string[]): void {
  const named = "Principal" in json || "NotPrincipal" in json;
  if (kind === "identity") {
    if (named) throw malformed("Policy document should not specify a principal.");
    if (resources.length === 0) throw malformed("Policy statement must contain resources.");
    for (const resource of resources) checkResource(resource);
  } else if (kind === "trust") {
    if ("Resource" in json || "NotResource" in json) throw malformed("Has prohibited field Resource");
    if (!named) throw malformed("Missing required field Principal");
    if (actions.some((action) => action !== "*" && !/^sts:/i.test(action))) {
      throw malformed("AssumeRole policy may only specify STS AssumeRole actions.");
    }
  } else if (!named) {
    throw malformed("Missing required field Principal");
  }
}

function checkAction(action: string): void {
  if (action === "*") return;
  const [vendor = "", ...rest] = action.split(":");
  if (rest.length === 0) throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  if (rest.length > 1) throw malformed("Actions/Condition can contain only one colon.");
  if (vendor !== "*" && !/^[a-zA-Z0-9\-.]+$/.test(vendor)) throw malformed(`Vendor ${vendor} is not valid`);
}

function checkResource(resource: string): void {
  if (resource === "*") return;
  const parts = resource.split(":");
  if (parts.length < 2) throw malformed(`Resource ${resource} must be in ARN format or "*".`);
  if (parts[0] !== "arn") throw malformed("The policy failed legacy parsing");
  const [, partition = "", service] = parts;
  if (!/^(\*|aws(-[a-z0-9-]+)?)$/.test(partition)) {
    const rest = [2, 3, 4].map((part) => parts[part] ?? "*").join(":");
    throw malformed(
      `Partition "${partition}" is not valid for resource "arn:${partition}:${rest}:${parts.slice(5).join(":") || "*"}".`,
    );
  }
  if (service === undefined || (service !== "*" && /[*?]/.test(service))) {
    throw malformed("Resource vendor must be fully qualified and cannot contain regexes.");
  }
  if (parts.length < 6 && !resource.endsWith("*")) throw malformed("The policy failed legacy parsing");
  if (service === "iam" && parts[3]) throw malformed(`IAM resource ${resource} cannot contain region information.`);
  if (service === "s3" && parts[3] && !parts[5]?.startsWith("accesspoint/")) {
    throw malformed(`Resource ${resource} can not contain region information.`);
  }
}

function readPrincipal(json: unknown, at: string): PrincipalElement | undefined {
  if (json === undefined) return undefined;
  if (json === "*") return "*";
  if (!isObject(json) || Object.keys(json).length === 0) throw syntax(`${at}: Principal must be "*" or an object`);
  const kinds: Record<string, readonly string[]> = {};
  for (const [kind, values] of Object.entries(json)) {
    if (!principalKinds.has(kind)) throw malformed(`Invalid principal in policy: "${kind}":${JSON.stringify(values)}`);
    kinds[kind] = strings(values, `${at}: Principal ${kind}`);
    for (const value of kinds[kind]) checkPrincipal(kind, value);
  }
  return kinds;
}

function checkPrincipal(kind: string, value: string): void {
  const wrong = malformed(`Invalid principal in policy: "${kind}":"${value}"`);
  if (kind === "AWS") {
    // An ARN may not hold wildcards here; `AIDA…`/`AROA…` is what IAM shows for a principal that is gone.
    const fits =
      value === "*" ||
      /^\d{12}$/.test(value) ||
      /^A(IDA|ROA)[A-Z0-9]+$/.test(value) ||
      /^arn:aws[a-z-]*:(iam|sts)::\d{12}:[^*?]+$/.test(value);
    if (!fits) throw wrong;
  } else if (kind === "Service" && !/^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(value)) {
    throw wrong;
  }
}

function readConditions(json: unknown, at: string): ConditionElement[] {
  if (json === undefined) return [];
  if (!isObject(json)) throw syntax(`${at}: Condition is not an object`);
  const conditions: ConditionElement[] = [];
  for (const [operator, keys] of Object.entries(json)) {
    if (!isObject(keys)) throw syntax(`${at}: Condition ${operator} is not an object`);
    if (!conditionOperator(operator)) throw syntax(`${at}: Invalid Condition type : ${operator}`);
    for (const [key, values] of Object.entries(keys)) {
      if (!key.includes(":"))
        throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
      conditions.push({ operator, key, values: strings(values, `${at}: Condition ${operator} ${key}`) });
    }
  }
  return conditions;
}

/** A string, number or boolean, or a list of them, as a list of strings. */
function strings(json: unknown, at: string): string[] {
  const list: unknown[] = Array.isArray(json) ? json : [json];
  return list.map((value) => {
    if (typeof value === "string") return value;
    if (typeof value === "boolean" || typeof value === "number") return String(value);
    throw syntax(`${at} must be a string or a list of strings`);
  });
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
