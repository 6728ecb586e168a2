import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Cloud } from "../cloud";
import type { CheckResult } from "./check";
import type { ChangeKind } from "./diff";
import { EngineNotices } from "./engine-notices";
import { AwsError } from "../errors";
import { ProviderFailure } from "./failures";
import { urnType, type Autonaming } from "./naming";
import { profilePrincipal, type ProfileSource } from "./profiles";
import { ProviderInstance, type PrincipalFor } from "./provider";
import { createRecords } from "./records";
import { awsVersion } from "./session";
import { decode, encode, holdsUnknown, unknown } from "./values";

export interface ProviderOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Who profiles act as. */
  readonly principalFor: PrincipalFor;
}

export interface RunningProvider {
  readonly port: number;
  stop(): Promise<void>;
}

/** Profiles as the shared AWS files have them; a provider that names none gets `default`. */
export function profilesFrom(cloud: Cloud, source: ProfileSource): PrincipalFor {
  return (profile) => profilePrincipal(cloud, source, profile ?? "default");
}

/**
 * Serves `pulumirpc.ResourceProvider` for `aws:*`; engines attach by `PULUMI_DEBUG_PROVIDERS=aws:<port>`. Each provider
 * instance of an engine has a connection of its own, so its configuration hangs on the connection's peer.
 * @throws Error when the port is in use.
 */
export async function startProvider(cloud: Cloud, options: ProviderOptions): Promise<RunningProvider> {
  if (!cloud.services.has("provider-records")) cloud.register(createRecords(cloud));
  const connections = new Connections(cloud, options.principalFor);
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, handlers(cloud, connections));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${options.port}`, grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error
        ? reject(new Error(`The provider cannot listen on port ${options.port}: ${error.message}`))
        : resolve(bound),
    );
  });
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        connections.closeAll();
        server.tryShutdown(() => resolve());
        setTimeout(() => {
          server.forceShutdown();
          resolve();
        }, 500).unref();
      }),
  };
}

/** Provider instances by connection. */
class Connections {
  private readonly byPeer = new Map<string, { instance: ProviderInstance; notices: EngineNotices | undefined }>();

  constructor(
    private readonly cloud: Cloud,
    private readonly principalFor: PrincipalFor,
  ) {}

  /** A handshake or an attachment begins a connection; a peer's address may have served an earlier engine. */
  open(peer: string, engineAddress: string): void {
    this.byPeer.get(peer)?.notices?.close();
    const notices = engineAddress ? new EngineNotices(engineAddress) : undefined;
    const instance = new ProviderInstance(
      this.cloud,
      this.principalFor,
      (urn, message) => void notices?.warn(urn, message),
    );
    this.byPeer.set(peer, { instance, notices });
  }

  instance(peer: string): ProviderInstance {
    if (!this.byPeer.has(peer)) this.open(peer, "");
    return this.byPeer.get(peer)!.instance;
  }

  closeAll(): void {
    for (const { instance, notices } of this.byPeer.values()) {
      instance.cancel();
      notices?.close();
    }
    this.byPeer.clear();
  }
}

type Handle<Request, Response> = (
  request: Request,
  instance: ProviderInstance,
  peer: string,
) => Response | Promise<Response>;

function handlers(cloud: Cloud, connections: Connections): grpc.UntypedServiceImplementation {
  const unary = <Request, Response>(handle: Handle<Request, Response>): grpc.handleUnaryCall<Request, Response> => {
    return (call, callback) => {
      Promise.resolve()
        .then(() => handle(call.request, connections.instance(call.getPeer()), call.getPeer()))
        .then((response) => callback(null, response))
        .catch((error: Error) => callback(rpcError(error, cloud)));
    };
  };
  return {
    handshake: unary((request: pb.ProviderHandshakeRequest, _instance, peer) => {
      connections.open(peer, request.getEngineAddress());
      const response = new pb.ProviderHandshakeResponse();
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    // Comes after the handshake on the same connection: nothing more to know.
    attach: unary((_request: plugin.PluginAttach) => new Empty()),
    getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(awsVersion)),
    getSchema: unary(() => new pb.GetSchemaResponse().setSchema(JSON.stringify({ name: "aws", version: awsVersion }))),
    checkConfig: unary((request: pb.CheckRequest, instance) =>
      checkResponse(instance.checkConfig(decode(request.getNews()))),
    ),
    diffConfig: unary((request: pb.DiffRequest) => diffConfig(request)),
    configure: unary(async (request: pb.ConfigureRequest, instance) => {
      const variables: Record<string, string> = {};
      request.getVariablesMap().forEach((value, name) => (variables[name] = value));
      await instance.configure({ ...variables, ...decode(request.getArgs()) });
      return new pb.ConfigureResponse().setSupportspreview(true).setSupportsAutonamingConfiguration(true);
    }),
    check: unary((request: pb.CheckRequest, instance) =>
      checkResponse(
        instance.check(urnType(request.getUrn()), {
          urn: request.getUrn(),
          olds: decode(request.getOlds()),
          news: decode(request.getNews()),
          seed: request.getRandomseed_asU8(),
          autonaming: autonaming(request),
        }),
      ),
    ),
    diff: unary((request: pb.DiffRequest, instance) => {
      const found = instance.diff(
        urnType(request.getUrn()),
        oldInputs(request),
        decode(request.getOlds()),
        decode(request.getNews()),
        request.getIgnorechangesList(),
      );
      const response = new pb.DiffResponse();
      response.setHasdetaileddiff(true);
      response.setChanges(
        found.changes.size > 0 ? pb.DiffResponse.DiffChanges.DIFF_SOME : pb.DiffResponse.DiffChanges.DIFF_NONE,
      );
      for (const [path, change] of found.changes)
        response
          .getDetaileddiffMap()
          .set(path, new pb.PropertyDiff().setKind(diffKind(change.kind, change.replace)).setInputdiff(true));
      response.setDiffsList([...found.properties]);
      response.setReplacesList([...found.replaces]);
      response.setDeletebeforereplace(found.deleteBeforeReplace);
      return response;
    }),
    create: unary(async (request: pb.CreateRequest, instance) => {
      const token = urnType(request.getUrn());
      const inputs = decode(request.getProperties());
      if (request.getPreview()) return new pb.CreateResponse().setProperties(encode(instance.preview(token, inputs)));
      const { id, properties } = await instance.create(token, request.getUrn(), inputs);
      return new pb.CreateResponse().setId(id).setProperties(encode(properties));
    }),
    update: unary(async (request: pb.UpdateRequest, instance) => {
      const token = urnType(request.getUrn());
      const state = decode(request.getOlds());
      const news = decode(request.getNews());
      if (request.getPreview())
        return new pb.UpdateResponse().setProperties(encode(instance.preview(token, news, state)));
      return new pb.UpdateResponse().setProperties(
        encode(
          await instance.update(
            token,
            request.getId(),
            state,
            oldInputs(request),
            news,
            request.getIgnorechangesList(),
          ),
        ),
      );
    }),
    read: unary(async (request: pb.ReadRequest, instance) => {
      const found = await instance.read(
        urnType(request.getUrn()),
        request.getId(),
        decode(request.getProperties()),
        decode(request.getInputs()),
      );
      if (!found) return new pb.ReadResponse();
      return new pb.ReadResponse()
        .setId(found.id)
        .setProperties(encode(found.properties))
        .setInputs(encode(found.inputs));
    }),
    delete: unary(async (request: pb.DeleteRequest, instance) => {
      await instance.delete(
        urnType(request.getUrn()),
        request.getId(),
        decode(request.getProperties()),
        decode(request.getOldInputs()),
      );
      return new Empty();
    }),
    invoke: unary(async (request: pb.InvokeRequest, instance) => {
      const args = decode(request.getArgs());
      return new pb.InvokeResponse().setReturn(
        encode(holdsUnknown(args) ? {} : await instance.invoke(request.getTok(), args)),
      );
    }),
    cancel: unary((_request: Empty, instance) => {
      instance.cancel();
      return new Empty();
    }),
  };
}

function oldInputs(request: pb.DiffRequest | pb.UpdateRequest): ReturnType<typeof decode> {
  return decode(request.getOldInputs() ?? request.getOlds());
}

function checkResponse({ inputs, failures }: CheckResult): pb.CheckResponse {
  const response = new pb.CheckResponse();
  response.setInputs(encode(inputs));
  for (const { property, reason } of failures)
    response.addFailures(new pb.CheckFailure().setProperty(property).setReason(reason));
  return response;
}

/** A provider that acts elsewhere is another provider: region and account may not change under existing resources. */
function diffConfig(request: pb.DiffRequest): pb.DiffResponse {
  const [before, after] = [decode(request.getOldInputs() ?? request.getOlds()), decode(request.getNews())];
  const replaces = ["region"].filter(
    (name) => before[name] !== undefined && after[name] !== unknown && before[name] !== after[name],
  );
  const changed = JSON.stringify(before) !== JSON.stringify(after);
  return new pb.DiffResponse()
    .setReplacesList(replaces)
    .setChanges(changed ? pb.DiffResponse.DiffChanges.DIFF_SOME : pb.DiffResponse.DiffChanges.DIFF_NONE);
}

function autonaming(request: pb.CheckRequest): Autonaming | undefined {
  const options = request.getAutonaming();
  if (!options) return undefined;
  const { ENFORCE, DISABLE } = pb.CheckRequest.AutonamingOptions.Mode;
  const mode = options.getMode() === ENFORCE ? "enforce" : options.getMode() === DISABLE ? "disable" : "propose";
  return { mode, proposedName: options.getProposedName() };
}

function diffKind(kind: ChangeKind, replace: boolean): pb.PropertyDiff.Kind {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = pb.PropertyDiff.Kind;
  switch (kind) {
    case "add":
      return replace ? ADD_REPLACE : ADD;
    case "delete":
      return replace ? DELETE_REPLACE : DELETE;
    case "update":
      return replace ? UPDATE_REPLACE : UPDATE;
  }
}

/** What the engine is told: our words, AWS's, or where the trace of a fault of our own is. */
function messageOf(error: Error, cloud: Cloud): string {
  if (error instanceof ProviderFailure) return error.message;
  return error instanceof AwsError
    ? `${error.code}: ${error.message}`
    : cloud.failures.note("a request of the Pulumi provider", error);
}

/** An error for the engine. When the resource exists nevertheless, the engine learns that and keeps it in the state. */
function rpcError(error: Error, cloud: Cloud): Partial<grpc.StatusObject> {
  const message = messageOf(error, cloud);
  const metadata = new grpc.Metadata();
  if (error instanceof ProviderFailure && error.created) {
    const detail = new pb.ErrorResourceInitFailed();
    detail.setId(error.created.id);
    detail.setProperties(encode(error.created.properties));
    detail.setReasonsList([message]);
    const any = new Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status();
    status.setCode(grpc.status.UNKNOWN);
    status.setMessage(message);
    status.addDetails(any);
    // The field in which gRPC for Go looks for structured errors; grpc-js has no API for it.
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}
