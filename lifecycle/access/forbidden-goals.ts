import type { Actor, Goal, FactPredicate } from "./goal";
import type { Asset, Fact, Capability, Role } from "./model";

const people = ["data-scientist", "ml-engineer", "approver", "auditor", "deployer"];
const deployers = ["deployer", "ci-deployer"];
/** Roles of services that release, or have it done. */
const releasing = ["release-build", "staging-trial", "release-request"];

const is =
  (...roles: string[]) =>
  ({ role }: Actor): boolean =>
    roles.includes(role);
const notebooksToo =
  (role: string) =>
  (actor: Actor): boolean =>
    actor.role === role ||
    actor.role === `studio-${role}` ||
    (actor.role.startsWith("experiment") && role === "data-scientist");

const served =
  (environment: string): FactPredicate =>
  (fact) =>
    fact.kind === "impact" && fact.impact === "changes what is served in" && fact.environment === environment;
const decides: FactPredicate = (fact) => fact.kind === "impact" && fact.impact === "decides about candidates of";
/** Makes a candidate, or brings one about other than by deciding: what is served after a decision is the decision's. */
const makes: FactPredicate = (fact) =>
  (fact.kind === "impact" && fact.impact === "makes candidates in") ||
  fact.kind === "serves" ||
  (fact.kind === "writes" && / (releases|sources)\/$/.test(fact.asset.id)) ||
  isRole(fact, ({ name }) => name === "release-build");

function isRole(fact: Fact, test: (role: { name: string; kind: string; environment: string }) => boolean): boolean {
  return (
    fact.kind === "as" && fact.session.type === "role" && (fact.session.role === undefined || test(fact.session.role))
  );
}

const changing: readonly Capability[] = [
  "writes",
  "deletes",
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
];
const onLabelled = (
  fact: Fact,
  label: string,
  capabilities: readonly Capability[],
): fact is { readonly kind: Capability; readonly asset: Asset } =>
  fact.kind !== "as" &&
  fact.kind !== "impact" &&
  capabilities.includes(fact.kind) &&
  fact.asset.labels?.includes(label) === true;
const tampering: readonly Capability[] = ["writes", "deletes", "silences", "opens"];

/** A session that is somebody else's. New roles and users always are; of the roles that are there the test says it. */
const foreignSession =
  (foreign: (role: Role, actor: Actor, identity: string | undefined) => boolean): FactPredicate =>
  (fact, actor) =>
    fact.kind === "as" &&
    (fact.session.type === "user"
      ? fact.session.label !== actor.person
      : fact.session.role === undefined || foreign(fact.session.role, actor, fact.session.identity));

/** In another person's name. */
const misnamed = ({ person }: Actor, identity: string | undefined): boolean =>
  person !== undefined && identity !== undefined && identity !== person;

/** Another role than the allowed ones of the actor's environments, or one in another person's name. */
const another = (allowed: (name: string, actor: Actor) => boolean): FactPredicate =>
  foreignSession(
    (role, actor, identity) =>
      !(allowed(role.name, actor) && actor.environments.includes(role.environment)) || misnamed(actor, identity),
  );

const own = (role: string, name: string, person: string | undefined): boolean =>
  name === role ||
  name === `studio-${role}` ||
  (role === "data-scientist" && person !== undefined && name === `experiment-${person}`);

/**
 * What nobody may reach, by however many allowed steps. Each goal says of whom it speaks and which facts are forbidden
 * to them; where there are several, one actor must not reach them all.
 */
export const forbiddenGoals: readonly Goal[] = [
  {
    name: "production-without-approver",
    says: "Nobody but by an approver's decision changes what production serves.",
    actors: (actor) => actor.role !== "approver",
    reaches: [served("prod")],
  },
  {
    name: "staging-outside-release",
    says: "Nobody changes what staging serves outside of the release path.",
    actors: (actor) => actor.role !== "approver",
    reaches: [served("staging")],
  },
  {
    name: "four-eyes",
    says: "Nobody alone decides about a candidate and makes one, or starts its release by other means.",
    actors: is(...people),
    reaches: [decides, makes],
  },
  {
    name: "outside-dev",
    says: "Data scientists act in dev alone.",
    actors: notebooksToo("data-scientist"),
    reaches: [
      (fact) =>
        fact.kind === "as"
          ? (fact.session.role?.environment ?? "?") !== "dev" && fact.session.type === "role"
          : fact.kind === "impact"
            ? fact.environment !== "dev"
            : changing.includes(fact.kind) && fact.asset.environment !== undefined && fact.asset.environment !== "dev",
    ],
  },
  {
    name: "scientist-as-another",
    says: "A data scientist becomes no other role and no other person.",
    actors: notebooksToo("data-scientist"),
    reaches: [another((name, { person }) => own("data-scientist", name, person))],
  },
  {
    name: "engineer-as-another",
    says: "An ML engineer becomes no other person and none of people's other roles.",
    actors: notebooksToo("ml-engineer"),
    reaches: [
      foreignSession(
        ({ kind, name }, actor, identity) =>
          ["person", "studio", "experiment"].includes(kind) &&
          (!own("ml-engineer", name, actor.person) || misnamed(actor, identity)),
      ),
    ],
  },
  {
    name: "engineer-decides",
    says: "An ML engineer decides about no candidate.",
    actors: notebooksToo("ml-engineer"),
    reaches: [decides],
  },
  {
    name: "evidence",
    says: "Nobody alters evidence: ledger and its head, decisions, files of the trail.",
    actors: () => true,
    reaches: [
      (fact, actor) =>
        onLabelled(fact, "evidence", tampering) &&
        !(
          actor.role === "approver" &&
          fact.kind === "writes" &&
          / approvals\/$/.test(fact.asset.id) &&
          actor.environments.includes(fact.asset.environment ?? "")
        ),
    ],
  },
  {
    name: "trail",
    says: "Nobody silences the trail: the trail, its bucket, its key, its log group.",
    actors: () => true,
    reaches: [(fact) => onLabelled(fact, "trail", tampering)],
  },
  {
    name: "deployer-as-person",
    // The people who deploy and the workflow that does hold the same rights, and share the state that both update.
    says: "A deployer becomes, imitates or instructs none of people's other roles and no release build.",
    actors: is(...deployers),
    reaches: [
      foreignSession(
        ({ kind, name, environment }, actor, identity) =>
          (kind !== "service" || releasing.includes(name)) &&
          !(deployers.includes(name) && actor.environments.includes(environment) && !misnamed(actor, identity)),
      ),
    ],
  },
  {
    name: "auditor-changes",
    says: "An auditor changes nothing and becomes nobody else.",
    actors: is("auditor"),
    reaches: [
      (fact, actor) =>
        fact.kind === "impact" ||
        (fact.kind === "as" ? another((name) => name === "auditor")(fact, actor) : changing.includes(fact.kind)),
    ],
  },
  {
    name: "dataset",
    says: "Nobody but its owner writes the dataset.",
    actors: () => true,
    reaches: [(fact) => onLabelled(fact, "dataset", tampering)],
  },
  {
    name: "others-folders",
    says: "Nobody writes into another person's folder.",
    actors: (actor) => actor.person !== undefined,
    reaches: [
      (fact, actor) => onLabelled(fact, "users", ["writes", "deletes"]) && fact.asset.parts?.name !== actor.person,
    ],
  },
  {
    name: "preview-changes",
    says: "A pull request's preview changes nothing, and reads no state but its own stack's.",
    actors: is("ci-preview"),
    reaches: [
      (fact, actor) =>
        fact.kind === "impact" ||
        (fact.kind === "as"
          ? another((name) => name === "ci-preview")(fact, actor)
          : changing.includes(fact.kind) ||
            (onLabelled(fact, "state", ["reads"]) && !actor.environments.includes(fact.asset.environment ?? ""))),
    ],
  },
  {
    name: "states",
    says: "Nobody reads or writes the state of a stack but who deploys it.",
    actors: () => true,
    reaches: [
      (fact, actor) =>
        onLabelled(fact, "state", ["reads", "writes", "deletes"]) &&
        !(
          (is(...deployers)(actor) || (actor.role === "ci-preview" && fact.kind === "reads")) &&
          actor.environments.includes(fact.asset.environment ?? "")
        ),
    ],
  },
  {
    name: "release-build",
    says: "Nobody runs code as a release build.",
    actors: () => true,
    reaches: [(fact) => isRole(fact, ({ name }) => name === "release-build")],
  },
  {
    name: "others-alarms",
    says: "Nobody moves or silences an alarm of an environment that is not theirs.",
    actors: () => true,
    reaches: [
      (fact, actor) =>
        (fact.kind === "feeds" || fact.kind === "silences") &&
        fact.asset.kind === "alarm" &&
        !actor.environments.includes(fact.asset.environment ?? ""),
    ],
  },
];
