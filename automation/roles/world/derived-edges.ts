import { prefixes } from "../../../contract/places";
import type { Asset, DerivedEdge, FactPattern, Capability, Role } from "../../../lifecycle/access/model";
import type { MitigationName } from "./mitigations";

const capability = (kind: Capability, asset: string): FactPattern => ({ kind, asset });
const impact = (name: string, environment: string): FactPattern => ({ kind: "impact", impact: name, environment });

export interface DerivationInput {
  readonly roles: readonly Role[];
  readonly assets: readonly Asset[];
  /** The environment whose registry candidates are in. */
  readonly registry: string;
  /** Environments that approved packages go to. */
  readonly targets: readonly string[];
  /** Decisions are documents signed with a key; else a package's status is the decision. */
  readonly signed: boolean;
  readonly mitigated: (name: MitigationName) => boolean;
}

/** What the program makes of what lies somewhere: who runs it, who believes it. */
export function derivedEdgesOf(facts: DerivationInput): DerivedEdge[] {
  const environments = [...new Set(facts.roles.map(({ environment }) => environment))];
  return [
    ...environments.flatMap((environment) => ofEnvironment(facts, environment)),
    ...ofRegistry(facts),
    ...ofImages(facts),
    ...ofState(facts, environments),
    ...ofProviders(facts),
  ];
}

function asRole({ roles }: DerivationInput, environment: string, name: string): FactPattern[] {
  return roles
    .filter((role) => role.environment === environment && role.name === name)
    .map((role) => ({ kind: "as", role: role.arn }));
}

function ofEnvironment(facts: DerivationInput, environment: string): DerivedEdge[] {
  const at = (what: string): string => `${environment} ${what}`;
  const as = (name: string): FactPattern[] => asRole(facts, environment, name);
  const each = (
    edge: string,
    preconditions: readonly FactPattern[],
    postconditions: readonly FactPattern[],
    why: string,
  ): DerivedEdge[] => postconditions.map((postcondition) => ({ edge, preconditions, postcondition, why }));
  const studio = facts.assets
    .filter(({ kind, environment: where }) => kind === "profile" && where === environment)
    .map(({ role, parts }): FactPattern => ({ kind: "as", role: role!, identity: parts?.name }));
  return [
    ...each(
      "source archive runs",
      [capability("writes", at(prefixes.sources))],
      [...as("release-build"), ...as("image-build")],
      "builds run what lies there",
    ),
    ...(facts.mitigated("checkpoints are no code")
      ? []
      : [
          ...each(
            "checkpoint runs",
            [capability("writes", at(prefixes.checkpoints))],
            as("training-execution"),
            "training unpickles what lies there",
          ),
          ...each(
            "checkpoint runs",
            [capability("writes", at(prefixes.weights))],
            as("training-execution"),
            "training unpickles what lies there",
          ),
        ]),
    ...(facts.mitigated("archives are no code")
      ? []
      : each(
          "archive runs",
          [capability("writes", at(prefixes.releases))],
          as("endpoint-execution"),
          "the endpoint's container loads it",
        )),
    ...each(
      "archive is served",
      [capability("writes", at(prefixes.releases))],
      [impact("changes what is served in", environment)],
      "the endpoint serves what lies there",
    ),
    ...each(
      "archive is served",
      [capability("serves", at("endpoint"))],
      [impact("changes what is served in", environment)],
      "that is the endpoint",
    ),
    ...each(
      "desired release is served",
      [capability("writes", at("parameter release"))],
      [impact("changes what is served in", environment)],
      "the next update serves what it names",
    ),
    ...each(
      "desired release is served",
      [capability("writes", at(prefixes.ledger)), capability("writes", at("parameter ledger-head"))],
      [impact("changes what is served in", environment)],
      "a rollback goes back to what the ledger names",
    ),
    ...each(
      "definition runs",
      [capability("writes", at(prefixes.definitions))],
      as("pipeline-execution"),
      "the pipeline is updated from what lies there",
    ),
    ...(facts.mitigated("studio libraries by digest")
      ? []
      : each(
          "script runs",
          [capability("writes", at(prefixes.studio))],
          studio,
          "apps install what lies there when they start",
        )),
    ...each("script runs", [capability("writes", at("lifecycle script"))], studio, "apps run it when they start"),
    ...each(
      "candidate is made",
      [capability("writes", at(prefixes.runs))],
      [impact("makes candidates in", environment)],
      "candidates are what lies there",
    ),
    ...each(
      "candidate is made",
      [capability("registers", at("packages"))],
      [impact("makes candidates in", environment)],
      "a package is a candidate",
    ),
    ...each(
      "candidate is made",
      [capability("edits", at("packages"))],
      [impact("makes candidates in", environment)],
      "a candidate is what its package says",
    ),
  ];
}

/** From a candidate to what is served. */
function ofRegistry(facts: DerivationInput): DerivedEdge[] {
  const { registry, targets, signed, mitigated } = facts;
  const at = (what: string): string => `${registry} ${what}`;
  const decides = impact("decides about candidates of", registry);
  const serves = targets.map((target) => impact("changes what is served in", target));
  const each = (edge: string, preconditions: readonly FactPattern[], why: string): DerivedEdge[] =>
    serves.map((postcondition) => ({ edge, preconditions, postcondition, why }));
  return [
    ...(signed
      ? [
          {
            edge: "signed decision is believed",
            preconditions: [capability("signs", at("approvals key")), capability("writes", at(prefixes.approvals))],
            postcondition: decides,
            why: "the gate asks for such a document",
          },
        ]
      : [
          {
            edge: "approval is believed",
            preconditions: [capability("approves", at("packages"))],
            postcondition: decides,
            why: "the gate asks for the status",
          },
          ...each(
            "package is believed",
            [capability("edits", at("packages"))],
            "a release follows what the package says after its approval too",
          ),
        ]),
    ...(signed || mitigated("evidence by digest")
      ? []
      : each(
          "evidence is believed",
          [capability("writes", at(prefixes.runs))],
          "the gate compares the archive with what lies beside it",
        )),
    ...each("approval is believed", [decides], "an approval starts the release"),
    ...asRole(facts, registry, "release-build").flatMap((as) =>
      each("releases serve", [as], "that is what releases to it"),
    ),
  ];
}

function ofImages({ assets, roles, mitigated }: DerivationInput): DerivedEdge[] {
  if (mitigated("images by digest")) return [];
  const run = /^(training-execution|processing-execution|endpoint-execution|monitoring-execution|experiment.*)$/;
  return assets
    .filter(({ kind }) => kind === "repository")
    .flatMap(({ id }) =>
      roles
        .filter(({ name }) => run.test(name))
        .map((role): DerivedEdge => ({
          edge: "image runs",
          preconditions: [capability("writes", id)],
          postcondition: { kind: "as", role: role.arn },
          why: "its jobs and endpoints run the tag",
        })),
    );
}

/**
 * Whoever writes the state of a stack decides what its next update does, and more: a state may hold a resource of a
 * dynamic provider, whose code is in the state itself and runs when it is refreshed or deleted (Pulumi documentation,
 * "Dynamic providers": `__provider`).
 */
function ofState(facts: DerivationInput, environments: readonly string[]): DerivedEdge[] {
  return environments.flatMap((environment) => {
    const state = facts.assets.find(({ kind, environment: where }) => kind === "state" && where === environment);
    if (!state) return [];
    const builds =
      facts.targets.includes(environment) && !facts.mitigated("states are no code")
        ? asRole(facts, facts.registry, "release-build")
        : [];
    return [...asRole(facts, environment, "deployer"), ...builds].map((postcondition) => ({
      edge: "state is believed",
      preconditions: [capability("writes", state.id)],
      postcondition,
      why: "the next update starts from it, and runs what a dynamic resource in it says",
    }));
  });
}

function ofProviders({ assets, roles }: DerivationInput): DerivedEdge[] {
  return assets
    .filter(({ kind }) => kind === "identity-provider")
    .flatMap(({ id }) =>
      roles
        .filter(({ kind }) => kind === "workflow")
        .map((role): DerivedEdge => ({
          edge: "be vouched for",
          preconditions: [capability("writes", id)],
          postcondition: { kind: "as", role: role.arn },
          why: "the role trusts whom the provider vouches for",
        })),
    );
}
