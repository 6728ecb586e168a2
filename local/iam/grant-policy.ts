import type { Members } from "../members";
import type { GrantQuestion, GrantRecord } from "./grant-record";

/** A statement of a resource-based policy, as JSON has it. */
export type PolicyStatementText = Readonly<Record<string, unknown>>;

/**
 * Operations that take an encryption context: no others are held to a grant's constraints on it (KMS API,
 * GrantConstraints).
 */
const withContext = /^(Encrypt|Decrypt|ReEncryptFrom|ReEncryptTo|GenerateDataKey.*)$/;

/**
 * The statement that a grant is worth for one question; undefined where it does not allow it. That a grantee is limited
 * by boundaries and session policies as by a statement is believed.
 */
export function statementOf(grant: GrantRecord, question: GrantQuestion): PolicyStatementText | undefined {
  const operation = question.action.slice("kms:".length);
  if (!grant.operations.includes(operation)) return undefined;
  const { constraints } = grant;
  if (constraints && withContext.test(operation) && !contextFits(constraints, encryptionContext(question)))
    return undefined;
  if (
    constraints?.SourceArn !== undefined &&
    operation !== "RetireGrant" &&
    constraints.SourceArn !== question.sourceArn
  )
    return undefined;
  if (operation === "CreateGrant" && !narrower(grant, question)) return undefined;
  return {
    Sid: `Grant${grant.id}`,
    Effect: "Allow",
    Principal: principalOf(grant.grantee),
    Action: question.action,
    Resource: "*",
  };
}

/**
 * Who may retire a grant, in place of the key's policy, which has no say in it: its retiring principal, its grantee
 * where RetireGrant is among the operations, and the account by its IAM policies (KMS developer guide, "Retiring and
 * revoking grants").
 */
export function retirementPolicy({ retiring, grantee, operations }: GrantRecord, accountId: string): string {
  const who = [
    ...(retiring === undefined ? [] : [retiring]),
    ...(operations.includes("RetireGrant") ? [grantee] : []),
    `arn:aws:iam::${accountId}:root`,
  ];
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: who.map((one) => ({
      Effect: "Allow",
      Principal: principalOf(one),
      Action: "kms:RetireGrant",
      Resource: "*",
    })),
  });
}

/** A key's policy with what grants add to it. */
export function withStatements(policy: string, statements: readonly PolicyStatementText[]): string {
  const document = JSON.parse(policy) as { Statement: unknown };
  return JSON.stringify({ ...document, Statement: [document.Statement].flat().concat(statements) });
}

function principalOf(name: string): PolicyStatementText {
  return name.startsWith("arn:") ? { AWS: name } : { Service: name };
}

/** The encryption context of a request: keys of grants' constraints do not care about letter case, values do. */
function encryptionContext({ context }: GrantQuestion): Map<string, string> {
  const prefix = "kms:EncryptionContext:";
  return new Map(
    Object.entries(context).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length).toLowerCase(), String(value)] as const] : [],
    ),
  );
}

function contextFits(
  { EncryptionContextEquals: equal, EncryptionContextSubset: subset }: Members,
  context: ReadonlyMap<string, string>,
): boolean {
  const wanted = Object.entries((equal ?? subset ?? {}) as Record<string, string>);
  return (
    wanted.every(([key, value]) => context.get(key.toLowerCase()) === value) &&
    (equal === undefined || wanted.length === context.size)
  );
}

/**
 * Whoever may make grants by a grant may make none that is wider: no other operations, no fewer constraints (KMS
 * developer guide, "Granting CreateGrant permission").
 */
function narrower(
  { operations, constraints }: GrantRecord,
  { context, constraints: wanted = {} }: GrantQuestion,
): boolean {
  const asked = [context["kms:GrantOperations"] ?? []].flat();
  const kept = Object.entries((constraints ?? {}) as Members).every(([kind, value]) =>
    typeof value === "string"
      ? wanted[kind] === value
      : contextFits(
          { EncryptionContextSubset: value },
          lowered(wanted[kind] ?? (kind === "EncryptionContextSubset" ? wanted.EncryptionContextEquals : undefined)),
        ),
  );
  return asked.every((operation) => operations.includes(operation)) && kept;
}

function lowered(context: Record<string, string> | undefined): Map<string, string> {
  return new Map(Object.entries(context ?? {}).map(([key, value]) => [key.toLowerCase(), value]));
}
