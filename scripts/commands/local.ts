import { delimiter, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { UserError } from "../../automation/errors";
import { printJson } from "../project";
import { elapsed } from "../terminal";
import { faultCommand, faultLine } from "./local-fault";
import { pulumiFolders } from "./local-path";
import {
  daemonOptions,
  daemonStatus,
  defaultPort,
  defaultProviderPort,
  defaultStateDir,
  environmentOf,
  requireServer,
  resetState,
  startDaemon,
  stopDaemon,
  type DaemonStatus,
} from "./local-daemon";

export { daemonStatus, environmentOf, startDaemon, stopDaemon, usedRights } from "./local-daemon";

interface StateOption {
  readonly stateDir: string;
}

/** `peregrine local`: the embedded stand-in for AWS. */
export function localCommand(): Command {
  const local = new Command("local").description("The local cloud: an embedded stand-in for AWS on this machine.");
  const commands = [start(), stop(), status(), env(), faultCommand(), reset()];
  for (const command of commands) local.addCommand(command);
  for (const command of commands.flatMap((one) => (one.commands.length > 0 ? one.commands : [one])))
    command.option("--state-dir <folder>", "folder of its state", (text: string) => resolve(text), defaultStateDir);
  return local;
}

function start(): Command {
  return new Command("start")
    .description("Start it in the background; returns when it answers.")
    .addOption(
      new Option("--port <number>", "port of the AWS endpoint; 0 takes a free one")
        .argParser(portNumber)
        .default(defaultPort)
        .env("PEREGRINE_LOCAL_PORT"),
    )
    .addOption(
      new Option("--provider-port <number>", "port of the Pulumi provider; 0 takes a free one")
        .argParser(portNumber)
        .default(defaultProviderPort)
        .env("PEREGRINE_LOCAL_PROVIDER_PORT"),
    )
    .option("--speed <factor>", "cloud seconds per real second, 1 to 3600", speedFactor, 1)
    .addOption(
      new Option(
        "--lags <on|off>",
        "say late what AWS says late (what is gone is listed still, events come late and twice, changes of IAM and of keys' aliases decide later); by default the first two from --speed 30 on",
      ).choices(["on", "off"]),
    )
    .addOption(
      new Option(
        "--existing-customer-of <service...>",
        "services closed to new customers that the account used before; without it Model Monitor refuses it",
      ).choices(["model-monitor"]),
    )
    .addOption(
      new Option(
        "--bill-after <hours>",
        "how late usage comes to the bill, hours of the cloud's clock; at once without it, on AWS within 24 hours",
      ).argParser(hours),
    )
    .option(
      "--service-control <file>",
      "put the account under service control policies: a JSON list of levels, each an object of policies by name; [] takes it out again",
      (text: string) => resolve(text),
    )
    .option("--foreground", "stay in the foreground until Ctrl+C")
    .option("--json", "print as JSON where it is")
    .addHelpText(
      "after",
      "\nExits with 1 when a port is taken, the state is locked by another cloud, or the state cannot be read back.",
    )
    .action(
      async ({
        billAfter: billAfterHours,
        ...given
      }: StateOption & {
        billAfter?: number;
        port: number;
        providerPort: number;
        speed: number;
        lags?: "on" | "off";
        existingCustomerOf?: string[];
        serviceControl?: string;
        foreground?: boolean;
        json?: boolean;
      }) => {
        const options = { ...given, ...(billAfterHours === undefined ? {} : { billAfterHours }) };
        const started = performance.now();
        const report = (step: string): void =>
          void process.stderr.write(`[${elapsed(performance.now() - started)}] ${step}\n`);
        if (options.foreground) {
          const { explain, run } = await import("../../local/main");
          await run(await daemonOptions(options), (message) => {
            if ("progress" in message) report(message.progress);
            if ("ready" in message) report(`the local cloud answers on ${message.ready.url}; Ctrl+C stops it`);
          }).catch((error: unknown) => {
            const { message, next } = explain(error);
            throw new UserError(message, next, { cause: error });
          });
          return;
        }
        const server = await startDaemon({ ...options, onProgress: report });
        report("ready");
        if (options.json) return printJson(server);
        process.stdout.write(
          `The local cloud answers on ${server.url}, ${server.speed} cloud second(s) per second.\nLead a shell to it: eval "$(npx peregrine local env)"\n`,
        );
      },
    );
}

function stop(): Command {
  return new Command("stop").description("Stop it; its state stays.").action(async ({ stateDir }: StateOption) => {
    process.stdout.write(
      (await stopDaemon(stateDir)) ? "Stopped. Its state stays for the next start.\n" : "No local cloud is running.\n",
    );
  });
}

function status(): Command {
  return new Command("status")
    .description("What runs, what was asked of it, and what exists in it.")
    .option("--json", "print as JSON")
    .addHelpText("after", "\nExits with 1 when none is running.")
    .action(async ({ stateDir, json }: StateOption & { json?: boolean }) => {
      const state = await daemonStatus(stateDir);
      if (json) return printJson(state);
      process.stdout.write(describe(state));
    });
}

function describe(state: DaemonStatus): string {
  const counts = (values: Readonly<Record<string, number>>): string =>
    Object.entries(values)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ") || "none";
  return [
    `${state.url}  process ${state.pid}, up ${elapsed(state.uptimeSeconds * 1000)}, speed ${state.speed}, cloud time ${state.cloudTime}, ${state.memoryMb} MB`,
    `services         ${state.services.join(", ")}`,
    `requests         ${state.requests}, answered with 5xx: ${state.failed}`,
    `not implemented  ${counts(state.unimplemented)}`,
    `unknown members  ${counts(state.unknownMembers)}`,
    ...Object.entries(state.unreached).map(([what, count]) => `not reached      ${what} ${count}`),
    `exists           ${counts(state.inventoryCounts)}`,
    ...state.faults.map((fault) => `fault            ${faultLine(fault)}`),
    `processes        ${state.processes.map(({ pid, name }) => `${name} (${pid})`).join(", ") || "none"}`,
    "",
  ].join("\n");
}

function env(): Command {
  return new Command("env")
    .description('Print the variables that lead a shell to it: eval "$(npx peregrine local env)".')
    .option("--json", "print as JSON")
    .addHelpText("after", "\nExits with 1 when none is running.")
    .action(async ({ stateDir, json }: StateOption & { json?: boolean }) => {
      const server = requireServer(stateDir);
      const folders = await pulumiFolders(stateDir);
      if (json) return printJson(environmentOf(server, folders));
      for (const [name, value] of Object.entries(environmentOf(server)))
        process.stdout.write(`export ${name}=${quote(value)}\n`);
      // The shell's own PATH goes on: npx has put folders of its own before it here.
      if (folders.length > 0)
        process.stdout.write(`export PATH=${quote(folders.join(delimiter))}${delimiter}"$PATH"\n`);
    });
}

function reset(): Command {
  return new Command("reset")
    .description("Forget everything: the state folder is removed.")
    .option("--force", "stop a running cloud first")
    .addHelpText("after", "\nExits with 1 when a cloud runs on the state and --force is not given.")
    .action(async ({ stateDir, force }: StateOption & { force?: boolean }) => {
      await resetState(stateDir, { stop: force });
      process.stdout.write("The local cloud's state is removed.\n");
    });
}

function quote(value: string): string {
  return `'${value.replace(/'/g, `'\\''`)}'`;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new InvalidArgumentError("must be a port number, 0 to 65535.");
  return port;
}

function speedFactor(text: string): number {
  const speed = Number(text);
  if (!(speed >= 1 && speed <= 3600)) throw new InvalidArgumentError("must lie between 1 and 3600.");
  return speed;
}

function hours(text: string): number {
  const count = Number(text);
  if (!(count >= 0 && count <= 48)) throw new InvalidArgumentError("must be a number of hours, 0 to 48.");
  return count;
}
