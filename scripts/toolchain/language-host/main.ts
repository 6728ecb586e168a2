/**
 * A Node.js language host for the Pulumi engine, for machines that reach package registries only: the official
 * `pulumi-language-nodejs` comes with the CLI's download and is not published as a Go module. `scripts/setup` bundles
 * this folder into one file beside the CLI it built. Where the official host is present, that one is used.
 *
 * Protocol: `pulumirpc.LanguageRuntime` (proto/pulumi/language.proto). The engine starts one process per operation with
 * its own address as last argument and reads the port from the first line of standard output.
 */
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { stopChildren } from "./children";
import { installedDependencies, requiredPackages } from "./packages";
import { runPlugin } from "./plugin";
import { runProgram } from "./program";

/** Version of the Pulumi CLI this host was written against; `pulumi about` shows it. */
const version = "3.248.0";

type Unary<Request, Response> = (call: { request: Request }, callback: grpc.sendUnaryData<Response>) => void;

/** A handler that answers what `handle` returns or resolves to, and any exception as an INTERNAL error. */
function unary<Request, Response>(
  handle: (request: Request) => Response | Promise<Response>,
): Unary<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handle(call.request))
      .then((response) => callback(null, response))
      .catch((error: Error) => callback({ code: grpc.status.INTERNAL, details: error.message }));
  };
}

let engineAddress =
  process.argv
    .slice(2)
    .filter((argument) => !argument.startsWith("-"))
    .at(-1) ?? "";

const handlers: Partial<grpc.UntypedServiceImplementation> = {
  handshake: unary((request: language.LanguageHandshakeRequest) => {
    engineAddress = request.getEngineAddress() || engineAddress;
    return new language.LanguageHandshakeResponse();
  }),
  getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(version)),
  getRequiredPackages: unary((request: language.GetRequiredPackagesRequest) => requiredPackages(request)),
  getProgramDependencies: unary((request: language.GetProgramDependenciesRequest) => installedDependencies(request)),
  runtimeOptionsPrompts: unary(() => new language.RuntimeOptionsResponse()),
  about: unary(() => {
    const response = new language.AboutResponse();
    response.setExecutable(process.execPath);
    response.setVersion(process.version);
    return response;
  }),
  run: unary((request: language.RunRequest) => runProgram(request, engineAddress)),
  runPlugin,
  cancel: unary(() => {
    stopChildren();
    return new Empty();
  }),
};

const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(LanguageRuntimeService, handlers as grpc.UntypedServiceImplementation);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});

// The engine interrupts its plugins when it is done with them or was interrupted itself; no child may outlive this
// process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    stopChildren();
    process.exit(0);
  });
}
