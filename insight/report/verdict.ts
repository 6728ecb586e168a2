import { productionEnvironment } from "../../contract/environments";
import type { AttentionItem } from "../read-model/attention";
import type { PlatformFacts } from "../read-model/facts";
import type { Health } from "../read-model/summary";
import { servingIn } from "./recommendations";
import type { Target } from "./targets/target";

/** How all is, in one word; the word stands beside the colour wherever it is shown. */
export type Light = "green" | "amber" | "red" | "grey";

export const lightWords: Readonly<Record<Light, string>> = {
  green: "as promised",
  amber: "watch",
  red: "act now",
  grey: "not known",
};

/** How a light is shown. */
export const healthOf: Readonly<Record<Light, Health>> = { green: "good", amber: "watch", red: "bad", grey: "unknown" };

export interface Verdict {
  readonly light: Light;
  readonly sentence: string;
  /** What would make it another one. */
  readonly wouldChange: readonly string[];
}

/**
 * The verdict: red where something critical is missed or waits, amber where anything is missed or waits for today, grey
 * where nothing serves or less than half of the targets was measured, else green.
 */
export function verdictOf(
  { environments }: Pick<PlatformFacts, "environments">,
  targets: readonly Target[],
  missed: readonly Target[],
  attention: readonly AttentionItem[],
): Verdict {
  const serving = environments.flatMap((one) => {
    const version = servingIn(one);
    return version === undefined ? [] : [`${version} serves ${one.name}`];
  });
  const measured = targets.filter(({ state }) => state !== "unmeasured");
  const urgent = attention.filter(({ severity }) => severity === "critical");
  const today = attention.filter(({ severity }) => severity === "warning");
  const light: Light =
    missed.some(({ severity }) => severity === "critical") || urgent.length > 0
      ? "red"
      : missed.length > 0 || today.length > 0
        ? "amber"
        : serving.length === 0 || 2 * measured.length < targets.length
          ? "grey"
          : "green";
  const first = serving.length > 0 ? serving.join(", ") : "No model serves anywhere";
  const met = measured.length - missed.length;
  const counted =
    measured.length === 0
      ? "no target was measured"
      : missed.length === 0
        ? `all ${measured.length} measured targets are met`
        : `${missed.length} of ${measured.length} measured targets ${missed.length === 1 ? "is" : "are"} missed`;
  const waits = urgent.length > 0 ? `, and ${count(urgent.length, "thing needs", "things need")} somebody at once` : "";
  return {
    light,
    sentence: `${first}; ${counted}${waits}.`,
    wouldChange: wouldChange(light, targets, missed, urgent, today, met),
  };
}

function wouldChange(
  light: Light,
  targets: readonly Target[],
  missed: readonly Target[],
  urgent: readonly AttentionItem[],
  today: readonly AttentionItem[],
  met: number,
): string[] {
  if (light === "grey") {
    const unmeasured = targets.find(({ state }) => state === "unmeasured");
    return [
      unmeasured
        ? `It becomes green or amber once more is measured, first: ${unmeasured.title.toLowerCase()} of ${unmeasured.environment}.`
        : "It becomes green or amber once a model serves.",
    ];
  }
  if (light === "green") {
    const tight = targets
      .filter(({ state, slack }) => state === "met" && slack !== undefined)
      .sort((one, other) => one.slack! - other.slack!)[0];
    return tight
      ? [
          `It turns amber or red when the closest target is missed: ${tight.title} of ${tight.environment} is ${tight.found}, wanted is ${tight.wanted}.`,
        ]
      : [`It turns amber or red when one of the ${met} met targets is missed.`];
  }
  const critical = [
    ...missed
      .filter(({ severity }) => severity === "critical")
      .map(({ title, environment }) => `${title} of ${environment}`),
    ...urgent.map(({ what, environment }) => `${environment}: ${what.replace(/\.$/, "")}`),
  ];
  const rest = [
    ...missed
      .filter(({ severity }) => severity !== "critical")
      .map(({ title, environment }) => `${title} of ${environment}`),
    ...today.map(({ what, environment }) => `${environment}: ${what.replace(/\.$/, "")}`),
  ];
  return [
    ...(critical.length > 0 ? [`It is no longer red once this is well: ${shortList(critical)}.`] : []),
    ...(rest.length > 0 ? [`It turns green once this is well: ${shortList(rest)}.`] : []),
  ];
}

const shown = 3;

function shortList(items: readonly string[]): string {
  const unique = [...new Set(items)];
  const more = unique.length - shown;
  return `${unique.slice(0, shown).join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

export const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

/** Environments with production first: what clients see comes first. */
export function productionFirst<One extends { readonly name: string }>(environments: readonly One[]): One[] {
  const rank = ({ name }: One) => (name === productionEnvironment ? 0 : 1);
  return environments.toSorted((one, other) => rank(one) - rank(other));
}
