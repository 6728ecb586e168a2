import { effectsReport } from "../../automation/effects/report";
import { gradeText } from "../../insight/effects";
import type { EffectResult } from "../../lifecycle/effect/effect";
import type { Rehearsal } from "./rehearsal";
import type { Facts } from "./summary";

/** Releases that are asked about, the newest ones. */
const most = 5;

/**
 * What releases did to the business metrics, as far as a platform that is hours old can know: by an experiment, or not
 * at all. @throws Error where more is claimed.
 */
export async function seeEffects({ environments: { staging, prod } }: Rehearsal): Promise<Facts> {
  const said = await Promise.all(
    [staging, prod].map(async (environment): Promise<[string, string]> => {
      const { releases } = await effectsReport(environment, await environment.outputs(), { most });
      const results = releases.flatMap((one) => one.results);
      const guessed = results.find(({ grade }) => grade === "B" || grade === "C");
      if (guessed) throw new Error(`${guessed.sentence} (${gradeText(guessed.grade)}), after hours that are no days`);
      return [`effect in ${environment.name}`, sentenceOf(results)];
    }),
  );
  return Object.fromEntries(said);
}

/** Of the best evidence. */
function sentenceOf(results: readonly EffectResult[]): string {
  const best = results.find(({ grade }) => grade === "A") ?? results[0];
  return best ? `${best.sentence} (evidence: ${gradeText(best.grade)})` : "nothing went live";
}
