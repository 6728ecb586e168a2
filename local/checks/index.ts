import type { Check, Ground } from "./check";
import { costChecks } from "./costs";
import { hostingChecks } from "./hosting";
import { jobChecks } from "./jobs";
import { monitoringChecks } from "./monitoring";
import { platformChecks } from "./platform";
import { metadataRule, registryChecks } from "./registry";
import { studioChecks } from "./studio";

/** A check as people read it. */
export interface ListedCheck {
  readonly operations: readonly string[];
  readonly rule: string;
  readonly ground: Ground;
  /** Code and words of the refusal; absent where IAM or the service model says it. */
  readonly refusal?: { readonly code: string; readonly words: string };
}

/** Every check that refuses with words of its own, by its name. */
export const checks: Readonly<Record<string, Pick<Check, "operations" | "rule" | "ground" | "code" | "shown">>> = {
  ...hostingChecks,
  ...registryChecks,
  ...jobChecks,
  ...monitoringChecks,
  ...studioChecks,
  ...platformChecks,
  ...costChecks,
};

/** Checks that something general makes: the policies of resources, the service models. */
const general: readonly ListedCheck[] = [
  metadataRule,
  {
    operations: ["sns:Publish"],
    rule: "a topic without a policy of its own has AWS's default one, which is for principals of the owner's account: no service publishes to it, alarms and rules included (people need `sns:Publish` here all the same)",
    ground: "documented",
  },
];

/** All checks of operations, for docs/local-cloud.md. */
export function listedChecks(): ListedCheck[] {
  return [
    ...Object.values(checks).map(({ operations, rule, ground, code, shown }) => ({
      operations,
      rule,
      ground,
      refusal: { code, words: shown },
    })),
    ...general,
  ];
}
