import { wellArchitected } from "../frameworks";
import { effectiveTags } from "../inputs";
import { defineRule } from "../rule";
import untaggable from "../untaggable-types.json";

interface Config {
  /** The tag that holds the day, as `2026-12-31`. */
  readonly tag: string;
  /** Whether everything in the stack must have an end: for sandboxes. */
  readonly required: boolean;
  /** How far away the end may be. */
  readonly maxDays: number;
}

const dayMs = 86_400_000;
const noTags = new Set(untaggable);

export const expiresTag = defineRule<Config>({
  name: "expires-tag",
  description: "A stack that is meant to end has a tag with its last day, and ends then.",
  rationale: "Those who made a sandbox forget it, and everybody else pays for it.",
  severity: "medium",
  framework: wellArchitected("MLCOST06", "Stop resources when not in use"),
  remediationSteps: "Set the tag `expires` to a day in the near future, or take the stack down: peregrine teardown.",
  url: "https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html",
  configSchema: {
    properties: { tag: { type: "string" }, required: { type: "boolean" }, maxDays: { type: "integer" } },
  },
  defaults: { tag: "expires", required: false, maxDays: 90 },
  appliesTo: (type) => type.startsWith("aws:") && !noTags.has(type),
  *check({ props, provider }, { tag, required, maxDays }) {
    const day = effectiveTags(props, provider)[tag];
    if (day === undefined) {
      if (required) yield `The tag ${tag} is missing.`;
      return;
    }
    const end = Date.parse(`${day}T23:59:59Z`);
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(end))
      yield `The tag ${tag} is ${JSON.stringify(day)}, which is no day (YYYY-MM-DD).`;
    else if (end < Date.now()) yield `It was to end on ${day}.`;
    else if (end > Date.now() + (maxDays + 1) * dayMs) yield `It is to end on ${day}, in more than ${maxDays} days.`;
  },
});
