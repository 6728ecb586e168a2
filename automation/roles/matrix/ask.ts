import { denials } from "../../../aws/session";
import type { EnvironmentName } from "../../../contract/environments";
import type { Clients } from "./clients";
import { type Cell, rows } from "./rows";
import { probes } from "./probes";
import type { Target } from "./target";

/** Answers that came before IAM was asked, or from no service at all: they prove nothing either way. */
const unproven =
  /^(UnknownOperationException|NotImplemented|InternalFailure|InternalError|TypeError|TimeoutError|NetworkingError|ECONN\w+|SignatureDoesNotMatch|InvalidClientTokenId|UnrecognizedClientException|ExpiredToken\w*|InvalidAccessKeyId)$/;

export interface Answer {
  readonly cell: Cell;
  readonly actual: "allowed" | "denied";
  /** AWS's words, where it refused; else what it answered. */
  readonly message: string;
}

export const probeName = ({ action, what }: { action: string; what: string }): string => `${action} ${what}`;

/**
 * Sends the request of every cell, as the session of its role. Requests of one role go side by side.
 * @throws Error for an answer that says nothing about permission.
 */
export async function execute(
  cells: readonly Cell[],
  targets: Readonly<Record<EnvironmentName, Target>>,
  clientsOf: (cell: Cell) => Clients,
  parallel = 16,
): Promise<Answer[]> {
  const answers: Answer[] = new Array<Answer>(cells.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < cells.length; at = next++)
      answers[at] = await ask(cells[at]!, targets[cells[at]!.to], clientsOf(cells[at]!));
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return answers;
}

async function ask(cell: Cell, target: Target, clients: Clients): Promise<Answer> {
  try {
    await probes[probeName(cell.row)]!.send(clients, target);
    return { cell, actual: "allowed", message: "" };
  } catch (error) {
    const { name, message } = error as Error;
    if (unproven.test(name)) throw new Error(`${describe(cell)}: ${name}: ${message}`, { cause: error });
    return { cell, actual: denials.has(name) ? "denied" : "allowed", message: `${name}: ${message}` };
  }
}

/** A cell in words. */
export function describe({ row, role, from, to }: Cell): string {
  return `${role} of ${from}: ${probeName(row)}${row.shared ? "" : ` of ${to}`}`;
}

/** Cells whose answer is not the expected one, in words. */
export function differences(answers: readonly Answer[]): string[] {
  return answers
    .filter(({ cell, actual }) => actual !== cell.expected)
    .map(({ cell, actual, message }) => `${describe(cell)} is ${actual} (${message})`);
}

/** Rows without a request and requests without a row. @internal a test asks it: none may be left. */
export function unmatched(): string[] {
  const names = rows.map(probeName);
  return [
    ...names.filter((name, at) => !(name in probes) || names.indexOf(name) !== at),
    ...Object.keys(probes).filter((name) => !names.includes(name)),
  ];
}
