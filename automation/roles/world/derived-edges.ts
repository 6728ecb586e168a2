import type { Asset, Consequence, FactPattern, Power, Role } from "../../../lifecycle/access/model";
import type { ClaimName } from "./mitigations";

const power = (kind: Power, asset: string): FactPattern => ({ kind, asset });
const deed = (name: string, environment: string): FactPattern => ({ kind: "deed", deed: name, environment });

export interface Facts {
  readonly roles: readonly Role[];
  readonly assets: readonly Asset[];
  /** The environment whose registry candidates are in. */
  readonly registry: string;
  /** Environments that approved packages go to. */
  readonly targets: readonly string[];
  /** Decisions are documents signed with a key; else a package's status is the decision. */
  readonly signed: boolean;
  readonly claimed: (name: ClaimName) => boolean;
}

/** What the program makes of what lies somewhere: who runs it, who believes it. */
export function consequencesOf(facts: Facts): Consequence[] {
  const environments = [...new Set(facts.roles.map(({ environment }) => environment))];
  return [
    ...environments.flatMap((environment) => ofEnvironment(facts, environment)),
    ...ofRegistry(facts),
    ...ofImages(facts),
    ...ofState(facts, environments),
    ...ofProviders(facts),
  ];
}

function asRole({ roles }: Facts, environment: string, name: string): FactPattern[] {
  return roles
    .filter((role) => role.environment === environment && role.name === name)
    .map((role) => ({ kind: "as", role: role.arn }));
}

function ofEnvironment(facts: Facts, environment: string): Consequence[] {
  const at = (what: string): string => `${environment} ${what}`;
  const as = (name: string): FactPattern[] => asRole(facts, environment, name);
  const each = (
    edge: string,
    when: readonly FactPattern[],
    thens: readonly FactPattern[],
    why: string,
  ): Consequence[] => thens.map((then) => ({ edge, when, then, why }));
  const studio = facts.assets
    .filter(({ kind, environment: where }) => kind === "profile" && where === environment)
    .map(({ role, parts }): FactPattern => ({ kind: "as", role: role!, identity: parts?.name }));
  return [
    ...each(
      "source archive runs",
      [power("writes", at("sources/"))],
      [...as("release-build"), ...as("image-build")],
      "builds run what lies there",
    ),
    ...(facts.claimed("checkpoints are no code")
      ? []
      : [
          ...each(
            "checkpoint runs",
            [power("writes", at("checkpoints/"))],
            as("training-execution"),
            "training unpickles what lies there",
          ),
          ...each(
            "checkpoint runs",
            [power("writes", at("weights/"))],
            as("training-execution"),
            "training unpickles what lies there",
          ),
        ]),
    ...(facts.claimed("archives are no code")
      ? []
      : each(
          "archive runs",
          [power("writes", at("releases/"))],
          as("endpoint-execution"),
          "the endpoint's container loads it",
        )),
    ...each(
      "archive is served",
      [power("writes", at("releases/"))],
      [deed("changes what is served in", environment)],
      "the endpoint serves what lies there",
    ),
    ...each(
      "archive is served",
      [power("serves", at("endpoint"))],
      [deed("changes what is served in", environment)],
      "that is the endpoint",
    ),
    ...each(
      "desired release is served",
      [power("writes", at("parameter release"))],
      [deed("changes what is served in", environment)],
      "the next update serves what it names",
    ),
    ...each(
      "desired release is served",
      [power("writes", at("ledger/")), power("writes", at("parameter ledger-head"))],
      [deed("changes what is served in", environment)],
      "a rollback goes back to what the ledger names",
    ),
    ...each(
      "definition runs",
      [power("writes", at("definitions/"))],
      as("pipeline-execution"),
      "the pipeline is updated from what lies there",
    ),
    ...(facts.claimed("studio libraries by digest")
      ? []
      : each("script runs", [power("writes", at("studio/"))], studio, "apps install what lies there when they start")),
    ...each("script runs", [power("writes", at("lifecycle script"))], studio, "apps run it when they start"),
    ...each(
      "candidate is made",
      [power("writes", at("runs/"))],
      [deed("makes candidates in", environment)],
      "candidates are what lies there",
    ),
    ...each(
      "candidate is made",
      [power("registers", at("packages"))],
      [deed("makes candidates in", environment)],
      "a package is a candidate",
    ),
    ...each(
      "candidate is made",
      [power("edits", at("packages"))],
      [deed("makes candidates in", environment)],
      "a candidate is what its package says",
    ),
  ];
}

/** From a candidate to what is served. */
function ofRegistry(facts: Facts): Consequence[] {
  const { registry, targets, signed, claimed } = facts;
  const at = (what: string): string => `${registry} ${what}`;
  const decides = deed("decides about candidates of", registry);
  const serves = targets.map((target) => deed("changes what is served in", target));
  const each = (edge: string, when: readonly FactPattern[], why: string): Consequence[] =>
    serves.map((then) => ({ edge, when, then, why }));
  return [
    ...(signed
      ? [
          {
            edge: "signed decision is believed",
            when: [power("signs", at("approvals key")), power("writes", at("approvals/"))],
            then: decides,
            why: "the gate asks for such a document",
          },
        ]
      : [
          {
            edge: "approval is believed",
            when: [power("approves", at("packages"))],
            then: decides,
            why: "the gate asks for the status",
          },
          ...each(
            "package is believed",
            [power("edits", at("packages"))],
            "a release follows what the package says after its approval too",
          ),
        ]),
    ...(signed || claimed("evidence by digest")
      ? []
      : each(
          "evidence is believed",
          [power("writes", at("runs/"))],
          "the gate compares the archive with what lies beside it",
        )),
    ...each("approval is believed", [decides], "an approval starts the release"),
    ...asRole(facts, registry, "release-build").flatMap((as) =>
      each("releases serve", [as], "that is what releases to it"),
    ),
  ];
}

function ofImages({ assets, roles, claimed }: Facts): Consequence[] {
  if (claimed("images by digest")) return [];
  const run = /^(training-execution|processing-execution|endpoint-execution|monitoring-execution|experiment.*)$/;
  return assets
    .filter(({ kind }) => kind === "repository")
    .flatMap(({ id }) =>
      roles
        .filter(({ name }) => run.test(name))
        .map((role): Consequence => ({
          edge: "image runs",
          when: [power("writes", id)],
          then: { kind: "as", role: role.arn },
          why: "its jobs and endpoints run the tag",
        })),
    );
}

/**
 * Whoever writes the state of a stack decides what its next update does, and more: a state may hold a resource of a dynamic provider, whose code is in the
 * state itself and runs when it is refreshed or deleted (Pulumi documentation, "Dynamic providers": `__provider`).
 */
function ofState(facts: Facts, environments: readonly string[]): Consequence[] {
  return environments.flatMap((environment) => {
    const state = facts.assets.find(({ kind, environment: where }) => kind === "state" && where === environment);
    if (!state) return [];
    const builds =
      facts.targets.includes(environment) && !facts.claimed("states are no code")
        ? asRole(facts, facts.registry, "release-build")
        : [];
    return [...asRole(facts, environment, "deployer"), ...builds].map((then) => ({
      edge: "state is believed",
      when: [power("writes", state.id)],
      then,
      why: "the next update starts from it, and runs what a dynamic resource in it says",
    }));
  });
}

function ofProviders({ assets, roles }: Facts): Consequence[] {
  return assets
    .filter(({ kind }) => kind === "identity-provider")
    .flatMap(({ id }) =>
      roles
        .filter(({ kind }) => kind === "workflow")
        .map((role): Consequence => ({
          edge: "be vouched for",
          when: [power("writes", id)],
          then: { kind: "as", role: role.arn },
          why: "the role trusts whom the provider vouches for",
        })),
    );
}
