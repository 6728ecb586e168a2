import { AwsError } from "../errors";
import type { ServiceModels } from "../model/service-models";
import type { Protocol, ServiceModel } from "../model/shapes";
import { queryValue, type Incoming } from "./http";
import { matchPath, segmentsOf } from "./paths";
import { queryParameters } from "./query";
import type { Signature } from "./signature";

/** Where a request goes. */
export interface Route {
  readonly service: string;
  readonly model: ServiceModel;
  readonly operation: string;
  readonly protocol: Protocol;
}

/** SigV4 service names whose services have other (or several) folders in botocore. */
const bySigningName: Readonly<Record<string, readonly string[]>> = {
  sagemaker: ["sagemaker", "sagemaker-runtime", "sagemaker-metrics"],
  monitoring: ["cloudwatch"],
  elasticfilesystem: ["efs"],
  tagging: ["resourcegroupstaggingapi"],
  email: ["ses", "sesv2"],
  states: ["stepfunctions"],
  elasticmapreduce: ["emr"],
  elasticloadbalancing: ["elbv2", "elb"],
  servicecatalog: ["servicecatalog"],
  servicequotas: ["service-quotas"],
  aps: ["amp"],
  s3: ["s3", "s3control"],
};

/** STS calls that need no signature. */
const unsigned = new Set(["AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"]);

interface Binding {
  readonly operation: string;
  readonly method: string;
  readonly requestUri: string;
  readonly literals: readonly (readonly [string, string])[];
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
  readonly score: number;
}

/** Finds service, operation and protocol of a request from its credential scope and its shape. */
export class Router {
  private readonly bindings = new Map<string, readonly Binding[]>();

  constructor(private readonly models: ServiceModels) {}

  /** @throws AwsError UnknownOperationException when nothing fits. */
  route(request: Incoming, signature: Signature | undefined): Route {
    const scope = signature?.service ?? this.guess(request);
    const candidates = (bySigningName[scope] ?? [scope])
      .filter((id) => this.models.has(id))
      .map((id) => this.models.service(id));
    if (candidates.length === 0)
      throw new AwsError("UnknownOperationException", `There is no AWS service with the signing name "${scope}".`, 404);

    const target = request.headers["x-amz-target"];
    if (target !== undefined) {
      const [prefix, operation = ""] = splitLast(target, ".");
      const model =
        candidates.find((candidate) => candidate.metadata.targetPrefix === prefix) ??
        candidates.find((candidate) => candidate.metadata.targetPrefix !== undefined);
      if (model) return { service: model.id, model, operation, protocol: "json" };
    }
    const rpc = /^\/service\/([^/]+)\/operation\/([^/]+)\/?$/.exec(request.path);
    if (rpc && request.headers["smithy-protocol"] === "rpc-v2-cbor")
      return { service: candidates[0]!.id, model: candidates[0]!, operation: rpc[2]!, protocol: "smithy-rpc-v2-cbor" };

    for (const model of candidates) {
      const { protocol, protocols = [protocol], awsQueryCompatible } = model.metadata;
      if (protocol === "rest-json" || protocol === "rest-xml") {
        const operation = this.match(model, request);
        if (operation) return { service: model.id, model, operation, protocol };
      } else if (protocol === "query" || protocol === "ec2" || protocols.includes("query") || awsQueryCompatible) {
        const operation = queryParameters(request).get("Action");
        if (operation) return { service: model.id, model, operation, protocol: protocol === "ec2" ? "ec2" : "query" };
      }
    }
    throw new AwsError(
      "UnknownOperationException",
      `No operation of ${scope} fits ${request.method} ${request.path}.`,
      404,
    );
  }

  /**
   * The service of an unsigned request: S3 answers those to public objects, STS the two calls that hand out
   * credentials.
   */
  private guess(request: Incoming): string {
    if (unsigned.has(queryParameters(request).get("Action") ?? "")) return "sts";
    const prefix = splitLast(request.headers["x-amz-target"] ?? "", ".")[0];
    if (prefix === "SageMaker") return "sagemaker";
    return "s3";
  }

  private match(model: ServiceModel, request: Incoming): string | undefined {
    let best: Binding | undefined;
    for (const binding of this.bindingsOf(model)) {
      if (binding.method !== request.method || (best && binding.score <= best.score)) continue;
      if (!matchPath(binding.requestUri, request.path)) continue;
      const literals = binding.literals.every(([key, value]) => {
        const held = queryValue(request, key);
        return held !== undefined && (value === "" || held === value);
      });
      if (!literals || !binding.requiredQuery.every((key) => queryValue(request, key) !== undefined)) continue;
      if (binding.requiredHeaders.every((name) => request.headers[name] !== undefined)) best = binding;
    }
    return best?.operation;
  }

  private bindingsOf(model: ServiceModel): readonly Binding[] {
    let bindings = this.bindings.get(model.id);
    if (!bindings) this.bindings.set(model.id, (bindings = model.operationNames.map((name) => bind(model, name))));
    return bindings;
  }
}

/**
 * An operation is the better match the more of the request it explains: literal path parts, literal and required query
 * keys, required headers.
 */
function bind(model: ServiceModel, name: string): Binding {
  const { method, requestUri } = model.http(name);
  const [, queryText = ""] = requestUri.split("?");
  const literals = queryText
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair): [string, string] => {
      const [key = "", value = ""] = pair.split("=");
      return [key, value];
    });
  const members = model.operation(name)?.input?.shape.members ?? [];
  const required = (location: string): string[] =>
    members
      .filter((member) => member.required && member.location === location)
      .map((member) => member.locationName ?? member.name);
  const requiredQuery = required("querystring");
  // Content-MD5 and the like are required by the model but filled in by clients; only headers that choose the operation
  // count.
  const requiredHeaders = required("header")
    .map((header) => header.toLowerCase())
    .filter((header) => header.startsWith("x-amz-"));
  const fixedParts = segmentsOf(requestUri).filter((segment) => "literal" in segment).length;
  const labels = segmentsOf(requestUri).length;
  const explained = fixedParts + literals.length + requiredQuery.length + requiredHeaders.length;
  // S3 has pairs that differ in nothing but their age (PutBucketLifecycle, PutBucketLifecycleConfiguration).
  return {
    operation: name,
    method,
    requestUri,
    literals,
    requiredQuery,
    requiredHeaders,
    score: 1 + labels + 10 * explained - (model.deprecated(name) ? 0.5 : 0),
  };
}

function splitLast(text: string, mark: string): [string, string] {
  const at = text.lastIndexOf(mark);
  return at < 0 ? ["", text] : [text.slice(0, at), text.slice(at + 1)];
}
