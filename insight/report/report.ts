import { documentSchema } from "../../contract/documents";
import { attentionOf } from "../read-model/attention";
import { changesOf, type ModelChange } from "./changes";
import { shownEffects } from "./effects";
import type { ReportFacts, ShownEffect } from "./facts";
import {
  type Fate,
  fatesOf,
  mostRecommendations,
  type Recommendation,
  recommendationsOf,
  servingIn,
} from "./recommendations";
import { complianceOf, reliabilityOf, type ReportTable, spendingOf, unknownsOf } from "./sections";
import { missedOf, stakeText, targetsOf } from "./targets";
import type { Target } from "./targets/target";
import { type ReportTile, tilesOf } from "./tiles";
import { count, type Verdict, verdictOf } from "./verdict";

/** One of the questions that a reader of the first page gets an answer to. */
export interface Answer {
  readonly question: string;
  readonly answer: string;
}

/** Where a log ended that the report was made from. */
export interface Checkpoint {
  readonly environment: string;
  readonly size: number;
  readonly root: string | undefined;
}

/** What all forms of a report are made of: page, PDF, Markdown and JSON say the same. */
export interface Report {
  readonly schema: typeof documentSchema.report;
  /** Such as `week-2026-11-30`. */
  readonly id: string;
  readonly period: ReportFacts["period"];
  readonly environments: readonly string[];
  readonly verdict: Verdict;
  readonly answers: readonly Answer[];
  /** The dearest first. */
  readonly missed: readonly Target[];
  readonly tiles: readonly ReportTile[];
  readonly recommendations: readonly Recommendation[];
  /** Recommendations that found no place. */
  readonly more: number;
  readonly fates: readonly Fate[];
  readonly changes: readonly ModelChange[];
  readonly sinceLast: readonly string[];
  readonly effects: readonly ShownEffect[];
  readonly reliability: ReportTable;
  readonly spending: ReportTable;
  /** What was billed, by what it was spent on; empty where no bill was read. */
  readonly billed: readonly { readonly part: string; readonly usd: number }[];
  readonly compliance: ReportTable;
  readonly unknowns: readonly string[];
  readonly targets: readonly Target[];
  readonly checkpoints: readonly Checkpoint[];
  /** Numbers and versions by name: what the next report compares with. */
  readonly numbers: Readonly<Record<string, number>>;
  readonly serving: Readonly<Record<string, string>>;
}

/** The report of a period. Pure: the same facts give the same report, and no date in it is of its making. */
export function reportOf(facts: ReportFacts): Report {
  const { platform, period, business } = facts;
  const targets = targetsOf(facts);
  const missed = missedOf(targets);
  const all = recommendationsOf(facts, targets);
  const recommendations = all.slice(0, mostRecommendations);
  const tiles = tilesOf(facts, missed);
  const verdict = verdictOf(platform, targets, missed, attentionOf(platform));
  const changes = changesOf(facts);
  const sinceLast = sinceLastOf(facts, verdict, missed);
  const unknowns = unknownsOf(facts, targets);
  return {
    schema: documentSchema.report,
    id: `${period.kind}-${period.end.slice(0, 10)}`,
    period,
    environments: platform.environments.map(({ name }) => name),
    verdict,
    answers: answersOf({ verdict, tiles, missed, recommendations, changes, sinceLast, targets, facts }),
    missed,
    tiles,
    recommendations,
    more: all.length - recommendations.length,
    fates: fatesOf(facts, all),
    changes,
    sinceLast,
    effects: business && !("unread" in business) ? business.value.effects : shownEffects(platform),
    reliability: reliabilityOf(facts),
    spending: spendingOf(facts),
    billed: facts.spend && !("unread" in facts.spend) ? facts.spend.value.parts : [],
    compliance: complianceOf(facts),
    unknowns,
    targets,
    checkpoints: platform.environments.flatMap(({ name, log }) =>
      "unread" in log ? [] : [{ environment: name, size: log.value.size, root: log.value.root }],
    ),
    numbers: Object.fromEntries(tiles.flatMap(({ name, usd }) => (usd === undefined ? [] : [[name, usd]]))),
    serving: Object.fromEntries(
      platform.environments.flatMap((one) => {
        const version = servingIn(one);
        return version === undefined ? [] : [[one.name, version]];
      }),
    ),
  };
}

interface Said {
  readonly verdict: Verdict;
  readonly tiles: readonly ReportTile[];
  readonly missed: readonly Target[];
  readonly recommendations: readonly Recommendation[];
  readonly changes: readonly ModelChange[];
  readonly sinceLast: readonly string[];
  readonly targets: readonly Target[];
  readonly facts: ReportFacts;
}

/** The eight questions: what stands first is what the reader must do. */
function answersOf(said: Said): Answer[] {
  const { verdict, tiles, missed, recommendations, changes, sinceLast, targets, facts } = said;
  const tile = (name: ReportTile["name"]) => tiles.find((one) => one.name === name)!;
  // Missed targets come first; before one that is not critical, and without any, what is urgent by the rules.
  const urgent = recommendations.find(({ severity }) => severity === "critical");
  const worst = missed[0]?.severity === "critical" || !urgent ? missed[0] : undefined;
  const advised = urgent ?? recommendations[0];
  const first = worst ?? advised;
  const unread = facts.platform.environments.flatMap((one) =>
    Object.values(one).filter((part: unknown) => typeof part === "object" && part !== null && "unread" in part),
  ).length;
  const measured = targets.filter(({ state }) => state !== "unmeasured").length;
  return [
    { question: "How is it?", answer: verdict.sentence },
    {
      question: "How much money?",
      answer: `Cost ${tile("cost").value} in the period; value ${tile("value").value}; net ${tile("net").value}; at stake ${tile("risk").value}.`,
    },
    {
      question: "What is the worst risk?",
      answer: worst
        ? `${worst.title} of ${worst.environment} is ${worst.found}, wanted is ${worst.wanted}; at stake: ${stakeText(worst)}.`
        : advised
          ? `${advised.environment}: ${advised.action} ${advised.why}${missed.length === 0 ? " No target is missed." : ""}`
          : "No target is missed, and no rule found anything.",
    },
    { question: "What is done next?", answer: first ? `${first.action} ${first.command}` : "Nothing has to be done." },
    { question: "By whom?", answer: first ? first.owner : "nobody" },
    {
      question: "By when?",
      answer: first ? `${first.due}${first.due < facts.period.end.slice(0, 10) ? ", overdue" : ""}` : "no date",
    },
    {
      question: "What changed?",
      answer: [
        changes.length > 0
          ? `${count(changes.length, "change", "changes")} of models, the last: ${changes[0]!.what} in ${changes[0]!.environment}.`
          : "No model changed.",
        ...sinceLast,
      ].join(" "),
    },
    {
      question: "How sure is it?",
      answer: `${measured} of ${targets.length} targets were measured; ${unread === 0 ? "everything was read" : `${count(unread, "place", "places")} could not be read`}. Cost: ${tile("cost").grade}. Value: ${tile("value").grade}.`,
    },
  ];
}

/** What is other than in the report before. */
function sinceLastOf({ previous, previousUnread }: ReportFacts, verdict: Verdict, missed: readonly Target[]): string[] {
  if (!previous) return [previousUnread ? "The report before was not read." : "There is no report before this one."];
  const [before, now] = [new Set(previous.missed.map(({ id }) => id)), new Set(missed.map(({ id }) => id))];
  const fresh = missed
    .filter(({ id }) => !before.has(id))
    .map(({ title, environment }) => `${title} of ${environment}`);
  const gone = previous.missed
    .filter(({ id }) => !now.has(id))
    .map(({ title, environment }) => `${title} of ${environment}`);
  const { light } = previous.verdict;
  return [
    `Since ${previous.period.end.slice(0, 10)}: ${light === verdict.light ? `still ${light}` : `from ${light} to ${verdict.light}`}.`,
    ...(fresh.length > 0 ? [`Newly missed: ${fresh.join(", ")}.`] : []),
    ...(gone.length > 0 ? [`No longer missed: ${gone.join(", ")}.`] : []),
  ];
}
