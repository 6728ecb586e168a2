import type { Cloud } from "../cloud";
import type { Principal } from "../iam/principal";
import { check, defaultsKey, type CheckRequest, type CheckResult } from "./check";
import { configure, configurationProblems } from "./configure";
import { diff, type Difference } from "./diff";
import { ProviderFailure } from "./failures";
import { invokes } from "./invokes";
import { create, read, remove, update, type ReadResource, type Resource } from "./lifecycle";
import { checkEndpoint } from "./record-networks";
import { checkPassedRole } from "./record-roles";
import { createRecord, dropNetwork, dropRecord, findRecord, isNetwork, keep, recordType, recordTypes } from "./records";
import type { ResourceType } from "./resource-type";
import { sdkSchema, type SdkSchema } from "./sdk-schema";
import type { Session } from "./session";
import { resourceTypes } from "./types";
import { unknown, type Properties } from "./values";

/** Resolves the profile of a provider's configuration (undefined: none named) to who it acts as. */
export type PrincipalFor = (profile: string | undefined) => Promise<Principal>;

interface Known {
  readonly type: ResourceType;
  readonly schema: SdkSchema | undefined;
  /** Kept as a record only. */
  readonly recorded: boolean;
  /** Neither in our tables nor on the list of types recorded on purpose. */
  readonly unheardOf: boolean;
}

/** One provider instance of one engine run: between Configure and the end of the connection. Values only, no gRPC. */
export class ProviderInstance {
  private session: Session | undefined;

  constructor(
    private readonly cloud: Cloud,
    private readonly principalFor: PrincipalFor,
    /** Shows a warning about a resource to the user. */
    private readonly warn: (urn: string, message: string) => void,
  ) {}

  checkConfig(news: Properties): CheckResult {
    return { inputs: news, failures: configurationProblems(news) };
  }

  async configure(raw: Properties): Promise<void> {
    this.session = await configure(this.cloud, raw, this.principalFor);
  }

  check(token: string, request: CheckRequest): CheckResult {
    const { type, schema, unheardOf } = known(token);
    if (unheardOf) this.warn(request.urn, `${token} has no behaviour in the local cloud: it is kept as a record only`);
    return check(type, schema, this.configured(), request);
  }

  diff(
    token: string,
    oldInputs: Properties,
    state: Properties,
    news: Properties,
    ignored: readonly string[],
  ): Difference {
    return diff(known(token).type, oldInputs, state, news, ignored);
  }

  /** What a create or update will give, without doing it: computed outputs are unknown. */
  preview(token: string, inputs: Properties, state?: Properties): Properties {
    const { type, schema } = known(token);
    const { [defaultsKey]: _made, ...given } = inputs;
    const open = state ? (type.changing ?? []) : (schema?.computed ?? ["arn"]);
    const tags: Properties = schema?.computed.includes("tagsAll") ? { tagsAll: given.tags ?? {} } : {};
    return { ...state, ...given, ...Object.fromEntries(open.map((name) => [name, unknown])), ...tags };
  }

  async create(token: string, urn: string, inputs: Properties): Promise<Resource> {
    const { type, schema, recorded } = known(token);
    if (!recorded) return create(type, this.configured(), inputs);
    const { [defaultsKey]: _made, ...given } = inputs;
    checkPassedRole(this.configured(), token, given);
    checkEndpoint(this.configured(), token, given);
    return createRecord(this.configured(), token, urn, given, schema);
  }

  async update(
    token: string,
    id: string,
    state: Properties,
    oldInputs: Properties,
    news: Properties,
    ignored: readonly string[],
  ): Promise<Properties> {
    const { type, schema, recorded } = known(token);
    const { [defaultsKey]: _made, ...given } = news;
    if (recorded) {
      checkPassedRole(this.configured(), token, given);
      checkEndpoint(this.configured(), token, given, id);
    }
    if (recorded) return { ...state, ...keep(this.configured(), token, id, given, schema) };
    const { properties } = diff(type, oldInputs, state, news, ignored);
    return update(type, this.configured(), id, state, oldInputs, news, properties);
  }

  async read(token: string, id: string, state: Properties, oldInputs: Properties): Promise<ReadResource | undefined> {
    const { type, recorded } = known(token);
    if (!recorded) return read(type, this.configured(), id, state, oldInputs);
    const record = findRecord(this.configured(), token, id);
    return (
      record && {
        id,
        properties: { ...state, ...record.properties },
        inputs: Object.keys(oldInputs).length > 0 ? oldInputs : record.properties,
      }
    );
  }

  async delete(token: string, id: string, state: Properties, oldInputs: Properties): Promise<void> {
    const { type, recorded } = known(token);
    if (recorded)
      return isNetwork(token) ? dropNetwork(this.configured(), token, id) : dropRecord(this.configured(), token, id);
    await remove(type, this.configured(), id, state, oldInputs);
  }

  async invoke(token: string, args: Properties): Promise<Readonly<Record<string, unknown>>> {
    const invoke = invokes[token];
    if (!invoke) throw new ProviderFailure(`the local cloud does not know the function ${token}`);
    return invoke(args, this.configured());
  }

  /** Ends waits of this instance; its engine was interrupted. */
  cancel(): void {
    this.session?.stopped.abort();
  }

  private configured(): Session {
    if (!this.session) throw new ProviderFailure("the provider was used before it was configured");
    return this.session;
  }
}

function known(token: string): Known {
  const schema = sdkSchema(token);
  const type = resourceTypes.get(token);
  if (type) return { type, schema, recorded: false, unheardOf: false };
  return { type: recordType(token, schema), schema, recorded: true, unheardOf: !(token in recordTypes) };
}
