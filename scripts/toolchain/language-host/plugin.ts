import { spawn } from "node:child_process";
import type * as grpc from "@grpc/grpc-js";
import type { RunPluginRequest } from "@pulumi/pulumi/proto/language_pb";
import { RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";
import { stopChild, track } from "./children";
import { runtimeOptions, sdkScript } from "./program";

/**
 * Runs a plugin written in Node.js (a policy pack, a provider) and streams what it writes. The plugin lives until the
 * engine cancels the stream.
 */
export function runPlugin(call: grpc.ServerWritableStream<RunPluginRequest, RunPluginResponse>): void {
  const request = call.request;
  const directory = request.getInfo()?.getProgramDirectory() || request.getProgram();
  const policyPack = request.getKind() === "analyzer";
  const failed = (error: Error): void => void call.destroy(error);
  let script: string;
  try {
    script = sdkScript(policyPack ? "run-policy-pack" : "run-plugin", directory);
  } catch (error) {
    return failed(error as Error);
  }
  const options = runtimeOptions(request.getInfo()?.getOptions());
  // A policy pack reads package.json of its working directory and is named by the last argument, a provider by the
  // first.
  const own = policyPack ? [...request.getArgsList(), directory] : [directory, ...request.getArgsList()];
  const child = track(
    spawn(process.execPath, [...options.nodeargs, script, ...own], {
      cwd: policyPack ? directory : request.getPwd(),
      env: { ...process.env, ...environment(request.getEnvList()) },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  child.stdout.on("data", (data: Buffer) => void call.write(new RunPluginResponse().setStdout(data)));
  child.stderr.on("data", (data: Buffer) => void call.write(new RunPluginResponse().setStderr(data)));
  child.once("error", failed);
  child.once("close", (code) => {
    if (call.cancelled) return;
    call.write(new RunPluginResponse().setExitcode(code ?? 1));
    call.end();
  });
  call.once("cancelled", () => stopChild(child));
}

/** `KEY=value` lines as an object. */
function environment(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}
