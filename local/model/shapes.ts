/** Wire types of the official service models. */
export type ShapeType =
  | "structure"
  | "list"
  | "map"
  | "string"
  | "character"
  | "boolean"
  | "integer"
  | "long"
  | "float"
  | "double"
  | "timestamp"
  | "blob";

/** A shape of a service model, resolved: members point at shapes, not at names. */
export interface Shape {
  readonly name: string;
  readonly type: ShapeType;
  readonly members: readonly Member[];
  readonly byName: ReadonlyMap<string, Member>;
  /** Element of a list, key and value of a map. */
  readonly element?: Member;
  readonly key?: Member;
  readonly value?: Member;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
  readonly union: boolean;
  readonly document: boolean;
  readonly sensitive: boolean;
  readonly flattened: boolean;
  readonly timestampFormat?: TimestampFormat;
  /** Name of the member that is the whole HTTP body. */
  readonly payload?: string;
  readonly exception: boolean;
  readonly fault: boolean;
  /** Error code and status of an exception on the wire. */
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number };
}

export type TimestampFormat = "iso8601" | "rfc822" | "unixTimestamp";

/** A use of a shape: as a member of a structure, a list element, a map key or value, an input or an output. */
export interface Member {
  readonly name: string;
  readonly required: boolean;
  readonly shape: Shape;
  readonly location?: "header" | "headers" | "uri" | "querystring" | "statusCode";
  readonly locationName?: string;
  readonly queryName?: string;
  readonly flattened: boolean;
  readonly streaming: boolean;
  readonly xmlAttribute: boolean;
  readonly xmlNamespace?: { readonly uri: string; readonly prefix?: string };
  readonly timestampFormat?: TimestampFormat;
  readonly idempotencyToken: boolean;
  readonly jsonValue: boolean;
  readonly eventStream: boolean;
  readonly resultWrapper?: string;
}

export interface OperationModel {
  readonly name: string;
  readonly method: string;
  readonly requestUri: string;
  readonly responseCode: number;
  /** Encodings in which a request's body may be compressed, such as `gzip`; most operations take none. */
  readonly compressions: readonly string[];
  readonly input?: Member;
  readonly output?: Member;
  readonly errors: readonly Shape[];
}

export type Protocol = "json" | "query" | "ec2" | "rest-json" | "rest-xml" | "smithy-rpc-v2-cbor";

export interface ServiceMetadata {
  readonly apiVersion: string;
  readonly endpointPrefix: string;
  readonly signingName?: string;
  readonly serviceId: string;
  readonly protocol: Protocol;
  readonly protocols?: readonly Protocol[];
  readonly jsonVersion?: string;
  readonly targetPrefix?: string;
  readonly xmlNamespace?: string;
  readonly awsQueryCompatible?: object;
}

// The raw JSON of botocore's service-2.json, as far as it is read here.
interface RawRef {
  shape: string;
  location?: Member["location"];
  locationName?: string;
  queryName?: string;
  flattened?: boolean;
  streaming?: boolean;
  xmlAttribute?: boolean;
  xmlNamespace?: string | { uri: string; prefix?: string };
  timestampFormat?: TimestampFormat;
  idempotencyToken?: boolean;
  jsonvalue?: boolean;
  resultWrapper?: string;
  eventstream?: boolean;
}
interface RawShape {
  type: ShapeType;
  members?: Record<string, RawRef>;
  required?: string[];
  member?: RawRef;
  key?: RawRef;
  value?: RawRef;
  enum?: string[];
  pattern?: string;
  min?: number;
  max?: number;
  union?: boolean;
  document?: boolean;
  sensitive?: boolean;
  flattened?: boolean;
  timestampFormat?: TimestampFormat;
  payload?: string;
  exception?: boolean;
  fault?: boolean;
  error?: { code?: string; httpStatusCode?: number };
  streaming?: boolean;
  xmlNamespace?: RawRef["xmlNamespace"];
  locationName?: string;
  eventstream?: boolean;
}
interface RawOperation {
  name: string;
  deprecated?: boolean;
  http?: { method?: string; requestUri?: string; responseCode?: number };
  input?: RawRef;
  output?: RawRef;
  errors?: RawRef[];
  requestcompression?: { encodings?: string[] };
}
export interface RawModel {
  metadata: ServiceMetadata;
  operations: Record<string, RawOperation>;
  shapes: Record<string, RawShape>;
}

/** One service: its operations with resolved shapes, each resolved on first use. */
export class ServiceModel {
  private readonly shapes = new Map<string, Shape>();
  private readonly resolved = new Map<string, OperationModel>();

  constructor(
    readonly id: string,
    private readonly raw: RawModel,
  ) {}

  get metadata(): ServiceMetadata {
    return this.raw.metadata;
  }

  get operationNames(): string[] {
    return Object.keys(this.raw.operations);
  }

  /** HTTP binding without resolving any shape, for the router. */
  http(operation: string): { method: string; requestUri: string } {
    const http = this.raw.operations[operation]?.http;
    return { method: http?.method ?? "POST", requestUri: http?.requestUri ?? "/" };
  }

  /** Superseded by an operation with the same HTTP binding (S3's PutBucketLifecycle). */
  deprecated(operation: string): boolean {
    return this.raw.operations[operation]?.deprecated ?? false;
  }

  operation(name: string): OperationModel | undefined {
    const known = this.resolved.get(name);
    if (known) return known;
    const raw = this.raw.operations[name];
    if (!raw) return undefined;
    const operation: OperationModel = {
      name,
      method: raw.http?.method ?? "POST",
      requestUri: raw.http?.requestUri ?? "/",
      responseCode: raw.http?.responseCode ?? 200,
      compressions: raw.requestcompression?.encodings ?? [],
      input: raw.input && this.member(raw.input.shape, raw.input, false),
      output: raw.output && this.member(raw.output.shape, raw.output, false),
      errors: (raw.errors ?? []).map((ref) => this.shape(ref.shape)),
    };
    this.resolved.set(name, operation);
    return operation;
  }

  shape(name: string): Shape {
    const known = this.shapes.get(name);
    if (known) return known;
    const raw = this.raw.shapes[name];
    if (!raw) throw new Error(`${this.id}: the service model has no shape ${name}`);
    const members: Member[] = [];
    const byName = new Map<string, Member>();
    const shape: { -readonly [K in keyof Shape]: Shape[K] } = {
      name,
      type: raw.type,
      members,
      byName,
      enum: raw.enum,
      pattern: raw.pattern,
      min: raw.min,
      max: raw.max,
      union: raw.union ?? false,
      document: raw.document ?? false,
      sensitive: raw.sensitive ?? false,
      flattened: raw.flattened ?? false,
      timestampFormat: raw.timestampFormat,
      payload: raw.payload,
      exception: raw.exception ?? false,
      fault: raw.fault ?? false,
      error: raw.error,
    };
    // Registered before its members: shapes are recursive (a Condition step inside a Condition step).
    this.shapes.set(name, shape);
    const required = new Set(raw.required ?? []);
    for (const [memberName, ref] of Object.entries(raw.members ?? {})) {
      const member = this.member(memberName, ref, required.has(memberName));
      members.push(member);
      byName.set(memberName, member);
    }
    if (raw.member) shape.element = this.member("member", raw.member, false);
    if (raw.key) shape.key = this.member("key", raw.key, false);
    if (raw.value) shape.value = this.member("value", raw.value, false);
    return shape;
  }

  private member(name: string, ref: RawRef, required: boolean): Member {
    const shape = this.shape(ref.shape);
    const raw = this.raw.shapes[ref.shape];
    const namespace = ref.xmlNamespace ?? raw?.xmlNamespace;
    return {
      name,
      required,
      shape,
      location: ref.location,
      locationName: ref.locationName ?? raw?.locationName,
      queryName: ref.queryName,
      flattened: ref.flattened ?? shape.flattened,
      streaming: ref.streaming ?? raw?.streaming ?? false,
      xmlAttribute: ref.xmlAttribute ?? false,
      xmlNamespace: typeof namespace === "string" ? { uri: namespace } : namespace,
      timestampFormat: ref.timestampFormat ?? shape.timestampFormat,
      idempotencyToken: ref.idempotencyToken ?? false,
      jsonValue: ref.jsonvalue ?? false,
      eventStream: ref.eventstream ?? raw?.eventstream ?? false,
      resultWrapper: ref.resultWrapper,
    };
  }
}
