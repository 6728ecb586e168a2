import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import type { RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { RunResponse } from "@pulumi/pulumi/proto/language_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { track } from "./children";

/** Exit code by which the Node SDK says "the user has seen the error already" (cmd/run/index.js). */
const exitAfterLoggedError = 32;

/** `runtime.options` of Pulumi.yaml that this host honours, as the official one does. */
export interface RuntimeOptions {
  /**
   * Whether the SDK registers ts-node itself; false for JavaScript or when `nodeargs` brings a loader. Default true.
   */
  readonly typescript: boolean;
  /** Arguments for node before the script. */
  readonly nodeargs: readonly string[];
}

export function runtimeOptions(options: Struct | undefined): RuntimeOptions {
  const raw = (options?.toJavaScript() ?? {}) as { typescript?: boolean | string; nodeargs?: string };
  return { typescript: String(raw.typescript ?? true) !== "false", nodeargs: shellWords(raw.nodeargs ?? "") };
}

/** Splits as a shell does: blanks separate, single and double quotes keep together. */
function shellWords(text: string): string[] {
  const words = text.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_all, double?: string, single?: string) => double ?? single ?? ""),
  );
}

/**
 * Path of a script of the `@pulumi/pulumi` that belongs to the program.
 * @throws Error when the program's dependencies are not installed.
 */
export function sdkScript(script: string, programDirectory: string): string {
  try {
    return createRequire(join(programDirectory, "index.js")).resolve(`@pulumi/pulumi/cmd/${script}`);
  } catch {
    throw new Error(
      `The Pulumi SDK is not installed where ${programDirectory} can find it (module @pulumi/pulumi). Run "npm ci" there.`,
    );
  }
}

/** Runs the program to its end. A failed program is an answer, not an exception. */
export async function runProgram(request: RunRequest, engineAddress: string): Promise<RunResponse> {
  const response = new RunResponse();
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() || request.getPwd();
  const options = runtimeOptions(info?.getOptions());
  const code = await new Promise<number | string>((resolve, reject) => {
    const child = track(
      spawn(
        process.execPath,
        [...options.nodeargs, sdkScript("run", directory), ...programArguments(request, engineAddress)],
        {
          cwd: request.getPwd() || dirname(directory),
          env: { ...process.env, ...programEnvironment(request, options) },
          stdio: ["ignore", "inherit", "inherit"],
        },
      ),
    );
    child.once("error", reject);
    child.once("close", (exitCode, signal) => resolve(exitCode ?? signal ?? 1));
  });
  if (code === exitAfterLoggedError) response.setBail(true);
  else if (typeof code === "string") response.setError(`Program was ended by ${code}`);
  else if (code !== 0) response.setError(`Program exited with non-zero exit code: ${code}`);
  return response;
}

/** Flags of `@pulumi/pulumi/cmd/run`. */
function programArguments(request: RunRequest, engineAddress: string): string[] {
  const flags: Record<string, string> = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    project: request.getProject(),
    "root-directory": request.getInfo()?.getRootDirectory() ?? "",
    stack: request.getStack(),
    organization: request.getOrganization() || "organization",
    pwd: request.getPwd(),
    parallel: String(request.getParallel()),
  };
  const given = Object.entries(flags).filter(([, value]) => value !== "");
  return [
    ...given.flatMap(([flag, value]) => [`--${flag}`, value]),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    request.getInfo()?.getEntryPoint() || request.getProgram() || ".",
    ...request.getArgsList(),
  ];
}

function programEnvironment(request: RunRequest, options: RuntimeOptions): Record<string, string> {
  const config: Record<string, string> = {};
  request.getConfigMap().forEach((value, key) => (config[key] = value));
  return {
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    PULUMI_NODEJS_TYPESCRIPT: String(options.typescript),
  };
}
