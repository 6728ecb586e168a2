import { Simulator, type Simulated } from "../../../aws/iam-simulate";
import { type AwsSession, hasCode } from "../../../aws/session";

/** One thing that AWS asks IAM about a request. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** A cell of a matrix: may the role do all of it? */
export interface Question {
  readonly words: string;
  readonly roleArn: string;
  readonly expected: "allowed" | "denied";
  readonly needs: readonly Need[];
  /** What every request of the role's sessions carries. */
  readonly context: Readonly<Record<string, string>>;
}

/** `unsettled`: the policy of the resource decides, which no simulation of a role knows. */
export interface Verified {
  readonly question: Question;
  readonly actual: "allowed" | "denied" | "unsettled" | "no such role";
  readonly why: string;
}

/** Services whose resources have policies that must allow, whatever roles are allowed. */
const resourceMustAllow = /^kms:/;

/** A cell's answer from those to its needs. Pure. */
export function judge(question: Question, answers: readonly Simulated[]): Verified {
  const refused = answers.findIndex(({ decision }) => decision !== "allowed");
  if (refused >= 0) return { question, actual: "denied", why: explain(question.needs[refused]!, answers[refused]!) };
  // Allowed by the role's own policies: a key's policy may still refuse, a bucket's deny.
  if (question.expected === "denied" && question.needs.some(({ action }) => resourceMustAllow.test(action)))
    return {
      question,
      actual: "unsettled",
      why: `${question.needs[0]!.action}: the role's policies allow it; the resource's own policy decides`,
    };
  return { question, actual: "allowed", why: answers.map(({ policies }) => policies.join(", ")).join("; ") };
}

function explain(
  { action, resource }: Need,
  { decision, boundaryAllows, organizationAllows, policies, missing }: Simulated,
): string {
  const by = !organizationAllows
    ? "the organisation"
    : decision === "explicitDeny"
      ? policies.join(", ") || "a policy"
      : !boundaryAllows
        ? "the boundary"
        : "no policy that allows it";
  return `${action} on ${resource} is denied by ${by}${missing.length > 0 ? `; nobody said ${missing.join(", ")}` : ""}`;
}

/**
 * Asks IAM's simulator every question, some at a time: it allows a handful of calls a second and retries are slow.
 * Changes nothing.
 */
export async function verifyBySimulation(
  session: AwsSession,
  questions: readonly Question[],
  told: (done: number) => void = () => undefined,
  parallel = 4,
): Promise<Verified[]> {
  const simulator = new Simulator(session);
  const known = new Map<string, Promise<Simulated>>();
  const ask = ({ roleArn, context }: Question, need: Need): Promise<Simulated> => {
    const all = { ...context, ...need.context };
    const key = JSON.stringify([roleArn, need.action, need.resource, all]);
    if (!known.has(key)) known.set(key, simulator.ask(roleArn, need.action, need.resource, all));
    return known.get(key)!;
  };
  const answers: Verified[] = new Array<Verified>(questions.length);
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < questions.length; at = next++) {
      const question = questions[at]!;
      try {
        const simulated: Simulated[] = [];
        for (const need of question.needs) simulated.push(await ask(question, need));
        answers[at] = judge(question, simulated);
      } catch (error) {
        if (!hasCode(error, "NoSuchEntityException", "NoSuchEntity")) throw error;
        answers[at] = { question, actual: "no such role", why: (error as Error).message };
      }
      told((done += 1));
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return answers;
}

/** Cells that are not as they should be, in words; unsettled ones are none of them. */
export function differing(answers: readonly Verified[]): string[] {
  return answers
    .filter(({ question, actual }) => actual !== question.expected && actual !== "unsettled")
    .map(({ question, actual, why }) => `${question.words} should be ${question.expected} and is ${actual}: ${why}`);
}
