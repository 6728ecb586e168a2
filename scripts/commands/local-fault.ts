import { Command, Option } from "commander";
import { UserError } from "../../automation/errors";
import {
  faultKinds,
  faultKindNames,
  optionsOf,
  parseFault,
  WrongFault,
  type FaultInput,
  type FaultKind,
} from "../../local/faults/kinds";
import type { Fault } from "../../local/faults/faults";
import { printJson } from "../project";
import { defaultStateDir, requireServer } from "./local-daemon";

interface StateOption {
  readonly stateDir: string;
}

/** What each option of `fault add` means; those that are numbers are read as such. */
const options: Readonly<Record<string, { readonly value: string; readonly meaning: string; readonly number?: true }>> =
  {
    endpoint: { value: "name", meaning: "endpoint whose containers it hits" },
    variant: { value: "name", meaning: "only this production variant" },
    config: {
      value: "name",
      meaning: "only the fleet of this endpoint configuration, so that the new fleet of an update breaks alone",
    },
    when: { value: "moment", meaning: "crash: up (default) or starting" },
    delayMs: { value: "ms", meaning: "slow: milliseconds, real time", number: true },
    status: { value: "code", meaning: "error, reject-request: HTTP status", number: true },
    share: { value: "share", meaning: "share of the requests, above 0 and up to 1 (default)", number: true },
    member: { value: "name", meaning: "empty: the arrays that are emptied (default: detections)" },
    jobPrefix: { value: "text", meaning: "failing-job: how the job's name, or the pipeline step's part of it, begins" },
    jobType: { value: "type", meaning: "failing-job: training or processing" },
    detailType: { value: "text", meaning: "lost-event, repeated-event: the event's detail type" },
    source: { value: "text", meaning: "lost-event, repeated-event: the event's source, for example aws.sagemaker" },
    service: { value: "id", meaning: "throttling, reject-request: service, for example sagemaker" },
    operation: { value: "name", meaning: "throttling, reject-request: operation, for example UpdateEndpoint" },
    code: { value: "code", meaning: "reject-request: error code, for example ResourceLimitExceeded" },
    message: { value: "text", meaning: "reject-request: error message" },
    after: { value: "point", meaning: "silent-revert: start, traffic (default) or bake" },
    times: { value: "n", meaning: "it is spent after so many hits", number: true },
  };

/** `peregrine local fault`: breaks things in the local cloud on request. */
export function faultCommand(): Command {
  const fault = new Command("fault").description(
    "Break something in the running local cloud, to see how the rest takes it.",
  );
  for (const command of [add(), list(), clear()]) fault.addCommand(command);
  return fault;
}

function add(): Command {
  const command = new Command("add")
    .description("Ask for a fault; it lasts until it is spent or cleared, also over a restart.")
    .argument("<kind>", `one of ${faultKindNames.join(", ")}`);
  for (const [name, { value, meaning }] of Object.entries(options))
    command.addOption(new Option(`${flag(name)} <${value}>`, meaning));
  return command
    .option("--json", "print it as JSON")
    .addHelpText(
      "after",
      `\nKinds:\n${faultKindNames.map(kindHelp).join("\n")}\n\nExits with 1 when no local cloud is running.`,
    )
    .action(
      async (kind: string, { stateDir, json, ...given }: StateOption & { json?: boolean } & Record<string, string>) => {
        const definition = definitionOf(kind, given);
        try {
          parseFault(definition, flag);
        } catch (error) {
          if (!(error instanceof WrongFault)) throw error;
          command.error(error.problems.map((problem) => `error: ${problem}`).join("\n"), {
            exitCode: 2,
            code: "peregrine.wrongFault",
          });
        }
        const fault = await addFault(definition as FaultInput, stateDir);
        if (json) return printJson(fault);
        process.stdout.write(`${faultLine(fault)}\nEnd it: npx peregrine local fault clear ${fault.id}\n`);
      },
    );
}

function list(): Command {
  return new Command("list")
    .description("The active faults, and how often each has struck.")
    .option("--json", "print as JSON")
    .addHelpText("after", "\nExits with 1 when no local cloud is running.")
    .action(async ({ stateDir, json }: StateOption & { json?: boolean }) => {
      const faults = await listFaults(stateDir);
      if (json) return printJson(faults);
      process.stdout.write(faults.length === 0 ? "No fault is active.\n" : `${faults.map(faultLine).join("\n")}\n`);
    });
}

function clear(): Command {
  return new Command("clear")
    .description("End faults: those named, or all.")
    .argument("[ids...]", "ids as `fault list` shows them")
    .addHelpText(
      "after",
      "\nExits with 1 when no local cloud is running, or when there is no fault of an id; then none is ended.",
    )
    .action(async (ids: string[], { stateDir }: StateOption) => {
      const cleared = await clearFaults(ids, stateDir);
      process.stdout.write(cleared.length === 0 ? "No fault was active.\n" : `Ended: ${cleared.join(", ")}\n`);
    });
}

/** Asks a running local cloud for a fault. @throws UserError when none runs or the fault cannot be. */
export async function addFault(fault: FaultInput, stateDir = defaultStateDir): Promise<Fault> {
  return (await ask(stateDir, "", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(fault),
  })) as Fault;
}

/** The active faults of a running local cloud. @throws UserError when none runs. */
export async function listFaults(stateDir = defaultStateDir): Promise<Fault[]> {
  return (await ask(stateDir, "", {})) as Fault[];
}

/**
 * Ends faults.
 * @param ids all when none is given.
 * @returns those ended.
 * @throws UserError when none runs or an id is unknown.
 */
export async function clearFaults(ids: readonly string[] = [], stateDir = defaultStateDir): Promise<string[]> {
  const query = new URLSearchParams(ids.map((id): [string, string] => ["id", id]));
  return ((await ask(stateDir, `?${query}`, { method: "DELETE" })) as { cleared: string[] }).cleared;
}

async function ask(stateDir: string, query: string, request: RequestInit): Promise<unknown> {
  const { url } = requireServer(stateDir);
  const answer = await fetch(`${url}/_peregrine/faults${query}`, request);
  const body: unknown = await answer.json();
  if (answer.ok) return body;
  const { message } = body as { message: string };
  throw new UserError(`The local cloud refuses: ${message}.`, "See what is active: npx peregrine local fault list");
}

/** One line about a fault: id, kind, options, hits. */
export function faultLine({ id, hits, definition: { kind, ...rest } }: Fault): string {
  const given = Object.entries(rest).map(
    ([name, value]) => `${flag(name)} ${/\s/.test(String(value)) ? JSON.stringify(value) : String(value)}`,
  );
  return `${id}  ${[kind, ...given].join(" ")}  struck ${hits} time(s)`;
}

function definitionOf(kind: string, given: Readonly<Record<string, string>>): Record<string, unknown> {
  return {
    kind,
    ...Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, options[name]?.number ? Number(value) : value]),
    ),
  };
}

function kindHelp(kind: FaultKind): string {
  const taken = optionsOf(kind).map(({ name, required }) => (required ? flag(name) : `[${flag(name)}]`));
  return `  ${kind}: ${faultKinds[kind]}\n      ${taken.join(" ")}`;
}

function flag(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
