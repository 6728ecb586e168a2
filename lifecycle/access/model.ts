/** One value or several, as IAM's JSON has it. */
export type Many = string | readonly string[];

/** A statement of any policy, in the forms that IAM allows. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, Many>>;
  readonly NotPrincipal?: "*" | Readonly<Record<string, Many>>;
  readonly Action?: Many;
  readonly NotAction?: Many;
  readonly Resource?: Many;
  readonly NotResource?: Many;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Many>>>>;
}

/** A policy document under the name it is known by. */
export interface Policy {
  readonly name: string;
  readonly statements: readonly Statement[];
}

/**
 * Who takes a role: a person, a person's notebooks, a person's experiments, workflows outside of AWS, or an AWS
 * service.
 */
export type RoleKind = "person" | "studio" | "experiment" | "workflow" | "service";

export interface Role {
  readonly arn: string;
  /** Without project and environment: `ml-engineer`. */
  readonly name: string;
  readonly kind: RoleKind;
  readonly account: string;
  readonly environment: string;
  readonly trust: Policy;
  readonly policies: readonly Policy[];
  readonly boundary?: Policy & { readonly arn: string };
}

/** Somebody with a name, and the roles that were given to them. */
export interface Person {
  readonly name: string;
  /** ARN of what they sign in as. */
  readonly arn: string;
  readonly account: string;
  /** ARNs of the roles that are theirs to take. */
  readonly roles: readonly string[];
}

export const assetKinds = [
  "role",
  "user",
  "policy",
  "identity-provider",
  "account",
  "bucket",
  "prefix",
  "state",
  "parameter",
  "function",
  "project",
  "rule",
  "bus",
  "schedule",
  "queue",
  "topic",
  "subscription",
  "endpoint",
  "pipeline",
  "package-group",
  "domain",
  "profile",
  "lifecycle-script",
  "notebook",
  "repository",
  "key",
  "trail",
  "log-group",
  "alarm",
  "mlflow",
] as const;
export type AssetKind = (typeof assetKinds)[number];

/** A resource, or part of one, that requests are about. */
export interface Asset {
  /** Unique, and readable in an answer: `prod/releases/`. */
  readonly id: string;
  readonly kind: AssetKind;
  /** ARN, or a pattern of the ARNs it stands for (`…/releases/*`). */
  readonly arn: string;
  readonly account: string;
  /** Undefined for what belongs to no environment. */
  readonly environment?: string;
  /** ARN of the role that it runs as. */
  readonly role?: string;
  /** Id of what holds it: the bucket of a prefix. */
  readonly within?: string;
  /** The resource-based policy. */
  readonly policy?: Policy;
  /** The policy alone is never enough without it: keys. */
  readonly policyMustAllow?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  /** Condition keys that AWS sets in requests about it: `kms:ResourceAliases`. */
  readonly context?: Readonly<Record<string, Many>>;
  /** Further parts of ARNs, for the placeholders of edge kinds. */
  readonly parts?: Readonly<Record<string, string>>;
  /** What it is, for goals: `evidence`, `dataset`, `trail`. */
  readonly labels?: readonly string[];
}

/** A precondition or postcondition of a derived edge: a fact, by the ids of the model. */
export type FactPattern =
  | { readonly kind: "as"; readonly role: string; readonly identity?: string }
  | { readonly kind: Capability; readonly asset: string }
  | { readonly kind: "impact"; readonly impact: string; readonly environment: string };

/**
 * An edge that nobody requests: its postcondition follows once all its preconditions hold, by what AWS or the program
 * does.
 */
export interface DerivedEdge {
  /** Name of the edge kind. */
  readonly edge: string;
  readonly preconditions: readonly FactPattern[];
  readonly postcondition: FactPattern;
  /** Why, as the end of a sentence: `release builds run what lies there`. */
  readonly why: string;
}

/** The system that the attack graph is built over: all that is known before the first question. */
export interface World {
  readonly region: string;
  readonly roles: readonly Role[];
  readonly people: readonly Person[];
  readonly assets: readonly Asset[];
  readonly derivedEdges: readonly DerivedEdge[];
}

/** What somebody can do to an asset. */
export const capabilities = [
  "writes",
  "deletes",
  "reads",
  "silences",
  "instructs",
  "feeds",
  "opens",
  "retags",
  "extends",
  "unbinds",
  "signs",
  "approves",
  "edits",
  "registers",
  "serves",
  "turns back",
] as const;
export type Capability = (typeof capabilities)[number];

/** Credentials that somebody holds. */
export interface Session {
  readonly id: string;
  /** ARN of the role, or of the user. */
  readonly arn: string;
  readonly type: "role" | "user";
  readonly account: string;
  /** For people's eyes: `ml-engineer of prod as ben`. */
  readonly label: string;
  readonly policies: readonly Policy[];
  readonly boundary?: Policy;
  /** Source identity. */
  readonly identity?: string;
  readonly mfa: boolean;
  /** The role behind it, where the model knows one. */
  readonly role?: Role;
}

/**
 * A node of the attack graph: a session that somebody holds, a capability over an asset, or an impact on an
 * environment.
 */
export type Fact =
  | { readonly kind: "as"; readonly session: Session }
  | { readonly kind: Capability; readonly asset: Asset }
  | { readonly kind: "impact"; readonly impact: string; readonly environment: string };

/** @returns the same text for the same fact. */
export function keyOf(fact: Fact): string {
  switch (fact.kind) {
    case "as":
      return `as ${fact.session.id}`;
    case "impact":
      return `impact ${fact.impact} ${fact.environment}`;
    default:
      return `${fact.kind} ${fact.asset.id}`;
  }
}

/** A fact for people: `writes prod/releases/`. */
export function describeFact(fact: Fact): string {
  switch (fact.kind) {
    case "as":
      return `acts as ${fact.session.label}`;
    case "impact":
      return `${fact.impact} ${fact.environment}`;
    default:
      return `${fact.kind} ${fact.asset.id}`;
  }
}

/** A list from one value or several. */
export function list(values: Many | undefined): readonly string[] {
  return values === undefined ? [] : typeof values === "string" ? [values] : values;
}

/**
 * The session of a role.
 * @param escalated with every right that its boundary leaves;
 * @param unbounded without its boundary.
 */
export function sessionOf(
  role: Role,
  {
    identity,
    mfa = false,
    escalated = false,
    unbounded = false,
  }: { identity?: string; mfa?: boolean; escalated?: boolean; unbounded?: boolean } = {},
): Session {
  const traits = [
    identity && `as ${identity}`,
    escalated && "with rights added",
    unbounded && "without boundary",
  ].filter(Boolean);
  return {
    id: [role.arn, identity ?? "", mfa ? "mfa" : "", escalated ? "escalated" : "", unbounded ? "unbounded" : ""].join(
      "|",
    ),
    arn: role.arn,
    type: "role",
    account: role.account,
    label: [`${role.name} of ${role.environment}`, ...traits].join(" "),
    policies: escalated ? [allowEverything("added policy")] : role.policies,
    boundary: unbounded ? undefined : role.boundary,
    identity,
    mfa,
    role,
  };
}

/** A policy that allows all there is: what somebody attaches who may choose. */
export function allowEverything(name: string): Policy {
  return { name, statements: [{ Sid: "Everything", Effect: "Allow", Action: ["*"], Resource: ["*"] }] };
}

/** What a person signs in as: it may take the person's roles and do nothing else. */
export function personSession({ name, arn, account, roles }: Person): Session {
  const policies = [
    {
      name: "own roles",
      statements: [
        {
          Sid: "TakeOwnRoles",
          Effect: "Allow" as const,
          Action: ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
          Resource: roles,
        },
      ],
    },
  ];
  return { id: arn, arn, type: "user", account, label: name, policies, mfa: true };
}
