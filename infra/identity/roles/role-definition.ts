import type { Scope } from "../../scope";
import type { Statement } from "../document";
import type { prefixes } from "../../../contract/places";

/**
 * Who takes a role: a person, a person's notebooks, a person's experiments, workflows outside of AWS, or an AWS
 * service.
 */
export type RoleKind = "person" | "studio" | "experiment" | "workflow" | "service";

/** The permissions boundaries of an environment (`../boundaries.ts`). */
export type BoundaryName = "boundary" | "release-boundary" | "deployer-boundary" | "heal-boundary" | "witness-boundary";

/** Workflows that prove by a token of an identity provider who they are. */
export interface TrustedWorkflows {
  /** ARN of the provider in IAM. */
  readonly provider: string;
  readonly issuer: string;
  readonly subjects: readonly string[];
}

export interface TrustedService {
  readonly service: string;
  /** The service says in whose name it acts (Studio: the name of the user profile). */
  readonly setsSourceIdentity?: boolean;
  /** The service does not say for whom it acts. */
  readonly sendsNoAccount?: boolean;
}

/** AWS service that assumes the role, workflows, or people (those whom the settings list for the role). */
export type Trusted = TrustedService | TrustedWorkflows | "people";

/** How a role uses the environment's MLflow: `job` logs to it, `person` opens its pages as well. */
export type MlflowUse = "job" | "person";

/** Statements by duty, all of them in the role's inline policy unless the role is `managed`. */
export type Duties = Readonly<Record<string, readonly Statement[]>>;

/** A folder of the artifacts bucket. */
export type Prefix = keyof typeof prefixes;

/**
 * The longest session of a role, in seconds: IAM's shortest choice, and all that role chaining allows (IAM,
 * `MaxSessionDuration`).
 */
export const maxSessionSeconds = 3600;

/** What a role is in every environment, whatever the settings say. */
interface RoleFacts {
  readonly kind: RoleKind;
  /** The permissions boundary, `boundary` unless another is named. */
  readonly boundary?: BoundaryName;
  /**
   * Each duty is a managed policy of its own: for roles whose duties exceed the 10,240 characters of inline policies
   * (IAM quotas).
   */
  readonly managed?: boolean;
  /** Prefixes of the artifacts bucket that the bucket's policy leaves to it (`../writers.ts`). */
  readonly writes?: readonly Prefix[];
  /** `infra/tracking/` adds what it takes to use MLflow (`../tracking-duties.ts`). */
  readonly mlflow?: MlflowUse;
  /**
   * Deployers hand it to its service. Roles that run other people's code or models (jobs, endpoints, Studio) are handed
   * over with what they run: jobs by the pipeline, endpoints by releases, Studio by the administrator.
   */
  readonly handedByDeployers?: boolean;
  /** A spent budget leaves it alone, though it may start what costs. */
  readonly outlivesBudget?: boolean;
}

/** A role of one environment, as its settings make it. */
export interface RoleDescription extends RoleFacts {
  readonly description: string;
  readonly trusted: Trusted;
  readonly duties: Duties;
}

/**
 * One role: all that there is to say about it, in one place. Its name in IAM is `peregrine-<environment>-<name>`, its
 * path `/peregrine/<environment>/`, its sessions last `maxSessionSeconds`. What is expected of it stands in
 * `automation/roles/matrix/expected.ts`, not here: an expectation that lies beside the statements is soon written after
 * them.
 */
export interface RoleDefinition<Name extends string = string> extends RoleFacts {
  /** Without the environment. A name that ends with `*` is one role for each of `instances`. */
  readonly name: Name;
  /** Whether the environment has it; left out, each has. */
  readonly exists?: (scope: Scope) => boolean;
  /** What stands for the `*` of the name. */
  readonly instances?: (scope: Scope) => readonly string[];
  /** What it is for. @param instance what stands for the `*`. */
  readonly description: string | ((scope: Scope, instance: string) => string);
  readonly trusted: Trusted | ((scope: Scope) => Trusted);
  readonly duties: (scope: Scope, instance: string) => Duties;
  /**
   * Where an independent expectation of its rights is written down: a column of the matrix of roles and actions, or a
   * spec.
   */
  readonly expected: { readonly column: string } | { readonly spec: string };
}

/** A role's definition, with its name as a type. */
export function define<const Name extends string>(definition: RoleDefinition<Name>): RoleDefinition<Name> {
  return definition;
}

/** The roles of an environment that some definitions make, by their names, in the order of the definitions. */
export function rolesOf<Name extends string>(
  definitions: readonly RoleDefinition<Name>[],
  scope: Scope,
): Partial<Record<Name, RoleDescription>> {
  const entries = definitions
    .filter(({ exists }) => exists?.(scope) ?? true)
    .flatMap((definition) =>
      (definition.instances?.(scope) ?? [""]).map((instance): [string, RoleDescription] => [
        definition.name.replace("*", instance),
        described(definition, scope, instance),
      ]),
    );
  return Object.fromEntries(entries) as Partial<Record<Name, RoleDescription>>;
}

function described(definition: RoleDefinition, scope: Scope, instance: string): RoleDescription {
  const { description, trusted, duties, ...facts } = definition;
  return {
    ...facts,
    description: typeof description === "function" ? description(scope, instance) : description,
    trusted: typeof trusted === "function" ? trusted(scope) : trusted,
    duties: duties(scope, instance),
  };
}
