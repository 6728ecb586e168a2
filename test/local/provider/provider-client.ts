import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { decode, encode } from "../../../local/provider/values";

type Props = Record<string, any>;

/** What an engine does with a provider, over real gRPC. One client is one provider instance. */
export class Engine {
  private readonly client: ResourceProviderClient;

  constructor(port: number) {
    this.client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    });
  }

  static async configured(port: number, config: Props = {}): Promise<Engine> {
    const engine = new Engine(port);
    await engine.rpc<pb.ProviderHandshakeResponse>("handshake", new pb.ProviderHandshakeRequest());
    const request = new pb.ConfigureRequest();
    for (const [name, value] of Object.entries(config))
      request.getVariablesMap().set(`aws:config:${name}`, typeof value === "string" ? value : JSON.stringify(value));
    await engine.rpc("configure", request);
    return engine;
  }

  urn(type: string, name: string): string {
    return `urn:pulumi:dev::peregrine::${type}::${name}`;
  }

  async check(
    type: string,
    name: string,
    news: Props,
    olds: Props = {},
    seed = "seed",
  ): Promise<{ inputs: Props; failures: { property: string; reason: string }[] }> {
    const request = new pb.CheckRequest()
      .setUrn(this.urn(type, name))
      .setNews(encode(news))
      .setOlds(encode(olds))
      .setRandomseed(Buffer.from(seed));
    const response = await this.rpc<pb.CheckResponse>("check", request);
    return {
      inputs: decode(response.getInputs()),
      failures: response
        .getFailuresList()
        .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() })),
    };
  }

  /** Check and create, as for a new resource. */
  async create(
    type: string,
    name: string,
    news: Props,
    preview = false,
  ): Promise<{ id: string; inputs: Props; properties: Props }> {
    const { inputs, failures } = await this.check(type, name, news);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
    const response = await this.rpc<pb.CreateResponse>(
      "create",
      new pb.CreateRequest().setUrn(this.urn(type, name)).setProperties(encode(inputs)).setPreview(preview),
    );
    return { id: response.getId(), inputs, properties: decode(response.getProperties()) };
  }

  async diff(type: string, name: string, state: { id: string; inputs: Props; properties: Props }, news: Props) {
    const { inputs } = await this.check(type, name, news, state.inputs);
    const request = new pb.DiffRequest()
      .setId(state.id)
      .setUrn(this.urn(type, name))
      .setOlds(encode(state.properties))
      .setOldInputs(encode(state.inputs))
      .setNews(encode(inputs));
    const response = await this.rpc<pb.DiffResponse>("diff", request);
    const paths: string[] = [];
    response.getDetaileddiffMap().forEach((_change, path) => paths.push(path));
    return {
      inputs,
      paths: paths.sort(),
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
      changes: response.getChanges(),
    };
  }

  async update(
    type: string,
    name: string,
    state: { id: string; inputs: Props; properties: Props },
    news: Props,
    preview = false,
  ): Promise<{ id: string; inputs: Props; properties: Props }> {
    const { inputs } = await this.check(type, name, news, state.inputs);
    const request = new pb.UpdateRequest()
      .setId(state.id)
      .setUrn(this.urn(type, name))
      .setOlds(encode(state.properties))
      .setOldInputs(encode(state.inputs))
      .setNews(encode(inputs))
      .setPreview(preview);
    return {
      id: state.id,
      inputs,
      properties: decode((await this.rpc<pb.UpdateResponse>("update", request)).getProperties()),
    };
  }

  async read(type: string, name: string, id: string, inputs: Props = {}, properties: Props = {}) {
    const request = new pb.ReadRequest()
      .setId(id)
      .setUrn(this.urn(type, name))
      .setInputs(encode(inputs))
      .setProperties(encode(properties));
    const response = await this.rpc<pb.ReadResponse>("read", request);
    return { id: response.getId(), inputs: decode(response.getInputs()), properties: decode(response.getProperties()) };
  }

  async delete(type: string, name: string, state: { id: string; inputs: Props; properties: Props }): Promise<void> {
    await this.rpc(
      "delete",
      new pb.DeleteRequest()
        .setId(state.id)
        .setUrn(this.urn(type, name))
        .setProperties(encode(state.properties))
        .setOldInputs(encode(state.inputs)),
    );
  }

  async invoke(token: string, args: Props = {}): Promise<Props> {
    return decode(
      (
        await this.rpc<pb.InvokeResponse>("invoke", new pb.InvokeRequest().setTok(token).setArgs(encode(args)))
      ).getReturn(),
    );
  }

  async cancel(): Promise<void> {
    await this.rpc("cancel", new Empty());
  }

  close(): void {
    this.client.close();
  }

  private rpc<Response>(method: string, request: unknown): Promise<Response> {
    return new Promise((resolve, reject) => {
      (this.client as any)[method](request, (error: grpc.ServiceError | null, response: Response) =>
        error ? reject(error) : resolve(response),
      );
    });
  }
}

/** What an error says of a resource that exists nevertheless. */
export function initFailure(error: grpc.ServiceError): { id: string; reasons: string[] } | undefined {
  const [packed] = error.metadata.get("grpc-status-details-bin");
  if (!packed) return undefined;
  const { Status } = require("@pulumi/pulumi/proto/status_pb") as typeof import("@pulumi/pulumi/proto/status_pb");
  const [detail] = Status.deserializeBinary(packed as Buffer).getDetailsList();
  const failure = pb.ErrorResourceInitFailed.deserializeBinary(detail!.getValue_asU8());
  return { id: failure.getId(), reasons: failure.getReasonsList() };
}
