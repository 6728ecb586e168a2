import { callerIdentity, ownName, takeRole } from "../../../aws/sts";
import { type AwsSession, isDenied } from "../../../aws/session";
import { differing, type Question, type Verified, verifyBySimulation } from "./simulate";
import type { EnvironmentName } from "../../../contract/environments";
import { type Clients, clientsOf, close } from "./clients";
import { columns, type MatrixRole, peopleOfMatrix, personOf } from "./expected";
import { type Cell, cellsOf, homesOf } from "./rows";
import { targetsOf } from "./place";
import { probes } from "./probes";
import { type Answer, describe, differences, execute, probeName } from "./ask";
import type { Target } from "./target";

/** Requests that only read, whatever comes of them: nothing else is really asked of an account that people work in. */
const reads = /^\w+:(List|Describe|Get|Lookup|Filter|BatchGet)/;

export interface Verification {
  readonly cells: number;
  /** Cells that the simulator answered otherwise than the matrix says. */
  readonly simulated: readonly string[];
  /** Cells about which only a resource's own policy decides. */
  readonly unsettled: readonly string[];
  /** Real requests that were sent, and those that were answered otherwise. */
  readonly asked: number;
  readonly real: readonly string[];
  /** Roles that the caller may not take, so that nothing was really asked as them. */
  readonly notTaken: readonly string[];
}

/**
 * The matrix of roles and actions against an account as it is: every cell by IAM's simulator, and, as the roles of
 * people that the caller may take, each request that only reads. Needs `iam:SimulatePrincipalPolicy` and
 * `kms:ListAliases`; changes nothing.
 * @param across also asks every role about the things of the other environments.
 * @param targets names and ARNs of things; those that the account has where they are left out.
 */
export async function verifyMatrix(
  session: AwsSession,
  stacks: readonly EnvironmentName[],
  {
    across = false,
    told,
    targets: given,
  }: {
    readonly across?: boolean;
    readonly told?: (done: number, of: number) => void;
    readonly targets?: Readonly<Record<EnvironmentName, Target>>;
  } = {},
): Promise<Verification> {
  const targets = given ?? (await targetsOf(session));
  const cells = cellsOf(Object.values(columns)).filter(
    ({ from, to }) => stacks.includes(from) && stacks.includes(to) && (across || from === to),
  );
  const questions = cells.map((cell) => questionOf(cell, targets, session.region));
  const answers = await verifyBySimulation(session, questions, (done) => told?.(done, questions.length));
  const { asked, notTaken } = await reallyAsk(session, cells, stacks, targets);
  return {
    cells: cells.length,
    simulated: differing(answers),
    unsettled: unsettledIn(answers),
    asked: asked.length,
    real: differences(asked),
    notTaken,
  };
}

/** What IAM is asked about a cell: the request's needs, in the context of the role's sessions. */
function questionOf(cell: Cell, targets: Readonly<Record<EnvironmentName, Target>>, region: string): Question {
  const roleArn = targets[cell.from].roleArn(cell.role);
  const person = personOf[cell.role];
  const global = cell.row.action.startsWith("iam:") ? "us-east-1" : region;
  const context = {
    "aws:PrincipalArn": roleArn,
    "aws:RequestedRegion": global,
    "aws:SecureTransport": "true",
    // Sessions are called as their person is (`aws/sts.ts`, `ownName`).
    ...(person ? { "aws:SourceIdentity": person, "aws:userid": `AROAMATRIX:${person}` } : {}),
  };
  return {
    words: describe(cell),
    roleArn,
    expected: cell.expected,
    needs: probes[probeName(cell.row)]!.needs(targets[cell.to]),
    context,
  };
}

function unsettledIn(answers: readonly Verified[]): string[] {
  return answers.filter(({ actual }) => actual === "unsettled").map(({ question, why }) => `${question.words}: ${why}`);
}

async function reallyAsk(
  session: AwsSession,
  cells: readonly Cell[],
  stacks: readonly EnvironmentName[],
  targets: Readonly<Record<EnvironmentName, Target>>,
): Promise<{ asked: Answer[]; notTaken: string[] }> {
  const clients = new Map<string, Clients>();
  const notTaken: string[] = [];
  const as = ownName((await callerIdentity(session)).arn);
  for (const role of peopleOfMatrix)
    for (const environment of homesOf(role).filter((one) => stacks.includes(one))) {
      const taken = await take(session, targets[environment], role, as);
      if (taken) clients.set(`${role} ${environment}`, taken);
      else notTaken.push(`${role} of ${environment}`);
    }
  try {
    const mine = cells.filter(({ role, from, row }) => clients.has(`${role} ${from}`) && reads.test(row.action));
    return { asked: await execute(mine, targets, ({ role, from }) => clients.get(`${role} ${from}`)!), notTaken };
  } finally {
    for (const each of clients.values()) close(each);
  }
}

async function take(
  session: AwsSession,
  target: Target,
  role: MatrixRole,
  as: ReturnType<typeof ownName>,
): Promise<Clients | undefined> {
  try {
    return clientsOf(await takeRole(session, target.roleArn(role), { as }), { region: session.region });
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
}
