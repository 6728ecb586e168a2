import { severities } from "../../contract/alerts";
import { liveRelease } from "../../records/release";
import { type EnvironmentFacts, valueOf } from "../read-model/facts";
import { shortVersion } from "../read-model/versions";
import { known } from "./amount";
import type { ReportFacts } from "./facts";
import type { KeptReport } from "./kept";
import { dayAfter } from "./period";
import type { Finding, RecommendationRule } from "./rule";
import { recommendationRules } from "./rules";
import { dueDays } from "./targets";
import type { Target } from "./targets/target";

/** What somebody ought to do, and why. */
export interface Recommendation extends Omit<Finding, "subject" | "dueBy"> {
  /** The same as long as the need is the same: rule, environment, subject. */
  readonly id: string;
  readonly rule: string;
  readonly environment: string;
  readonly owner: string;
  /** ISO 8601 dates: when a report said it first, and when it is due. */
  readonly since: string;
  readonly due: string;
  readonly overdue: boolean;
  /** Version that served when it was said. */
  readonly serving?: string;
}

/** Recommendations of a report at most: more than five are none. */
export const mostRecommendations = 5;

/** What all rules say: the most urgent first, then the most worth. */
export function recommendationsOf(
  facts: ReportFacts,
  targets: readonly Target[],
  rules: readonly RecommendationRule[] = recommendationRules,
): Recommendation[] {
  const before = new Map(facts.previous?.recommendations.map((one) => [one.id, one]));
  const found = facts.platform.environments.flatMap((environment) => {
    const own = targets.filter(({ environment: of }) => of === environment.name);
    return rules.flatMap((rule) =>
      rule
        .find(environment, { facts, targets: own })
        .map((finding) => recommended(rule, environment, finding, facts, before)),
    );
  });
  const worth = ({ value }: Recommendation) => (known(value) ? value.usd : -1);
  return found.sort(
    (one, other) =>
      severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
      worth(other) - worth(one) ||
      (one.id < other.id ? -1 : 1),
  );
}

function recommended(
  { name: rule, area }: RecommendationRule,
  environment: EnvironmentFacts,
  { subject, dueBy, ...finding }: Finding,
  { period }: ReportFacts,
  before: ReadonlyMap<string, KeptReport["recommendations"][number]>,
): Recommendation {
  const id = `${rule}:${environment.name}:${subject}`;
  const earlier = before.get(id);
  const today = period.end.slice(0, 10);
  const usual = dayAfter(period.end, dueDays[finding.severity]);
  // What was due stays due: a report that is written again postpones nothing.
  const due = [dueBy ?? usual, ...(earlier ? [earlier.due] : [])].sort()[0]!;
  const serving = servingIn(environment);
  return {
    ...finding,
    id,
    rule,
    environment: environment.name,
    owner: environment.owners[area],
    since: earlier?.since ?? today,
    due,
    overdue: due < today,
    ...(serving === undefined ? {} : { serving }),
  };
}

/** Short name of the version that serves an environment. */
export function servingIn({ releases }: EnvironmentFacts): string | undefined {
  const live = liveRelease(valueOf(releases, []));
  return live && shortVersion(live.modelPackageArn);
}

/** What became of an earlier recommendation. */
export interface Fate {
  readonly id: string;
  readonly action: string;
  readonly environment: string;
  readonly owner: string;
  readonly due: string;
  /** `overtaken`: another version serves now, so that the need is no longer the same one. */
  readonly fate: "done" | "open" | "overtaken" | "not known";
  readonly why: string;
}

/** The fate of each recommendation of the report before. @param now all that the rules say now. */
export function fatesOf(
  { previous, platform, period }: ReportFacts,
  now: readonly Recommendation[],
  rules: readonly RecommendationRule[] = recommendationRules,
): Fate[] {
  const open = new Set(now.map(({ id }) => id));
  return (previous?.recommendations ?? []).map(({ id, rule: name, action, environment: of, owner, due, serving }) => {
    const environment = platform.environments.find((one) => one.name === of);
    const rule = rules.find((one) => one.name === name);
    const unread = environment && rule?.reads.filter((part) => isUnread(environment[part]));
    const told = { id, action, environment: of, owner, due };
    const is = (fate: Fate["fate"], why: string): Fate => ({ ...told, fate, why });
    if (!environment) return is("overtaken", `${of} is not up any more`);
    if (!rule) return is("overtaken", `there is no rule ${name} any more`);
    if (open.has(id)) return is("open", due < period.end.slice(0, 10) ? `it was due on ${due}` : `it is due on ${due}`);
    if (unread && unread.length > 0) return is("not known", `${unread.join(", ")} could not be read`);
    const served = servingIn(environment);
    if (rule.area === "model" && served !== serving)
      return is("overtaken", `${served ?? "nothing"} serves ${of} now, ${serving ?? "nothing"} did then`);
    return is("done", `no longer: ${lowerFirst(rule.when)}`);
  });
}

function isUnread(part: unknown): boolean {
  return typeof part === "object" && part !== null && "unread" in part;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
