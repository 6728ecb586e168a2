import type { Statement } from "../../infra/identity/document";
import type { Recorder } from "./mocks";

/**
 * What kind of policy it is: identities have one, trust policies name nothing, policies of a resource mean that
 * resource by `*`.
 */
export type DocumentKind = "identity" | "trust" | "resource";

export interface PolicyDocument {
  /** `type name.input`. */
  readonly place: string;
  readonly kind: DocumentKind;
  readonly statements: readonly Statement[];
}

/** Types whose documents are about identities; every other document belongs to a resource. */
const identityTypes = ["aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy"];

/** Every policy document among the inputs of what a program registered, as text or as an object, however deep. */
export function documentsOf(recorder: Recorder): PolicyDocument[] {
  return recorder.resources.flatMap(({ type, name, inputs }) =>
    found(inputs, "").map(({ path, statements }) => ({
      place: `${type} ${name}${path}`,
      kind: kindOf(type, path),
      statements,
    })),
  );
}

function kindOf(type: string, path: string): DocumentKind {
  if (/assumeRolePolicy/i.test(path)) return "trust";
  return identityTypes.includes(type) ? "identity" : "resource";
}

function found(value: unknown, path: string): { path: string; statements: Statement[] }[] {
  if (typeof value === "string") return value.includes('"Statement"') ? found(parsed(value), path) : [];
  if (Array.isArray(value)) return value.flatMap((one, at) => found(one, `${path}[${at}]`));
  if (value === null || typeof value !== "object") return [];
  const { Statement: statements, Version } = value as { Statement?: unknown; Version?: unknown };
  if (statements !== undefined && Version !== undefined)
    return [{ path, statements: [statements].flat().map(asLists) }];
  return Object.entries(value).flatMap(([key, one]) => found(one, `${path}.${key}`));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(withRealArns(text));
  } catch {
    return undefined;
  }
}

/** ARNs that the recorder makes up, as AWS would: kind, service, and how the resource is written. */
const realArns: Readonly<Record<string, (place: string, name: string) => string>> = {
  bucket: (_place, name) => `arn:aws:s3:::${name}`,
  mlflowapp: (place, name) => `arn:aws:sagemaker:${place}:mlflow-app/${name}`,
  mlflowtrackingserver: (place, name) => `arn:aws:sagemaker:${place}:mlflow-tracking-server/${name}`,
  queue: (place, name) => `arn:aws:sqs:${place}:${name}`,
  topic: (place, name) => `arn:aws:sns:${place}:${name}`,
  key: (place, name) => `arn:aws:kms:${place}:key/${name}`,
  function: (place, name) => `arn:aws:lambda:${place}:function:${name}`,
  eventbus: (place, name) => `arn:aws:events:${place}:event-bus/${name}`,
  eventrule: (place, name) => `arn:aws:events:${place}:rule/${name}`,
};

/** The same text with ARNs of AWS's form; one of a kind that is not listed stays, and no action fits it. */
function withRealArns(text: string): string {
  return text.replace(
    /arn:aws:mock:([\w-]+:\d{12}):(\w+)\/([\w-]+)/g,
    (all, place: string, kind: string, name: string) => realArns[kind]?.(place, name) ?? all,
  );
}

/** IAM takes one action or resource without a list around it. */
function asLists(statement: unknown): Statement {
  const { Action, Resource, ...rest } = statement as Record<string, unknown>;
  return {
    Sid: "",
    ...rest,
    Action: [Action ?? []].flat(),
    ...(Resource === undefined ? {} : { Resource: [Resource].flat() }),
  } as unknown as Statement;
}
