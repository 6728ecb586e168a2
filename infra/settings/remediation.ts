import {
  type RemediationMode,
  remediationModes,
  type Violation,
  violationNames,
  type Waiver,
} from "../../contract/remediation";
import { integer, list, oneOf, type Values } from "./setting";

const form = `a waiver of the form "<violation> <resource> <last day> <reason>", such as "rule-disabled peregrine-dev-forward 2027-01-31 moved to another bus"; violations: ${violationNames.join(", ")}; the resource by its name, or *`;
const waived = new RegExp(
  `^(${violationNames.join("|")}) (\\S+) (\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])) (\\S.*)$`,
);

export const remediationSettings = {
  remediation: oneOf(remediationModes, {
    meaning:
      "What becomes of things that somebody changes after their deployment, one of off, dry-run (told of and recorded), on (put right, or told to people).",
    default: "off",
  }),
  remediationEveryMinutes: integer(1, 60, {
    meaning:
      "Minutes between two looks at everything that ought to stay as it is; events tell of most changes at once, so this is for those that no event told of.",
    default: "5",
  }),
  remediationWaivers: list(waived, form, {
    meaning:
      "Violations that are left alone until a day, each `violation resource last-day reason`; the resource by its name, or `*`.",
    example: "rule-disabled peregrine-dev-forward 2027-01-31 moved to another bus",
  }),
};

export interface RemediationSettings {
  readonly mode: RemediationMode;
  readonly everyMinutes: number;
  readonly waivers: readonly Waiver[];
}

export function remediationOf({
  remediation,
  remediationEveryMinutes,
  remediationWaivers,
}: Values<typeof remediationSettings>): RemediationSettings {
  return {
    mode: remediation,
    everyMinutes: remediationEveryMinutes,
    waivers: remediationWaivers.map((text) => {
      const [, violation, resource, until, reason] = waived.exec(text)!;
      return { violation: violation as Violation, resource: resource!, until: until!, reason: reason! };
    }),
  };
}
