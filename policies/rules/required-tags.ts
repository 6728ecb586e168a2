import { wellArchitected } from "../frameworks";
import { effectiveTags, holdsFiles } from "../inputs";
import { defineRule, projectOf, stackOf } from "../rule";
import untaggable from "../untaggable-types.json";

interface Config {
  /** Tags that must be there with any value. */
  readonly required: readonly string[];
  /** Tags that must have this value. */
  readonly values?: Readonly<Record<string, string>>;
}

/** AWS resources that cannot carry tags, as the provider says. Every other AWS resource must. */
const noTags = new Set(untaggable);

export const requiredTags = defineRule<Config>({
  name: "required-tags",
  description: "Every AWS resource carries the project's tags.",
  rationale:
    "Cost allocation, ownership and clean-up depend on them: nobody pays for a resource without tags, and nobody finds it.",
  severity: "high",
  framework: wellArchitected("MLCOST01", "Establish cost allocation by tags"),
  remediationSteps: "Set the tag in the provider's defaultTags, or on the resource.",
  url: "https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html",
  configSchema: { properties: { required: { type: "array", items: { type: "string" } }, values: { type: "object" } } },
  defaults: { required: ["project", "environment", "owner", "cost-center", "managed-by"] },
  appliesTo: (type) => type.startsWith("aws:") && !noTags.has(type),
  *check({ props, provider }, { required, values = {} }) {
    const tags = effectiveTags(props, provider);
    for (const tag of required) if (!tags[tag]) yield `The tag ${tag} is missing.`;
    for (const [tag, value] of Object.entries(values))
      if (tags[tag] !== undefined && tags[tag] !== value)
        yield `The tag ${tag} is ${JSON.stringify(tags[tag])}, not ${JSON.stringify(value)}.`;
  },
  /**
   * Adds what follows from the stack. Who owns a resource and who pays for it, nobody can derive; nor can resources
   * that hold files be rewritten.
   */
  correct({ props, provider, urn }, { required, values = {} }) {
    if (holdsFiles(props)) return undefined;
    const derivable: Readonly<Record<string, string>> = {
      project: projectOf(urn),
      environment: stackOf(urn),
      "managed-by": "pulumi",
      ...values,
    };
    const tags = effectiveTags(props, provider);
    const added = Object.fromEntries(
      required.flatMap((tag) => (!tags[tag] && derivable[tag] ? [[tag, derivable[tag]]] : [])),
    );
    if (Object.keys(added).length === 0) return undefined;
    props["tags"] = { ...(props["tags"] as object | undefined), ...added };
    return `added ${Object.entries(added)
      .map(([tag, value]) => `${tag}=${value}`)
      .join(", ")}`;
  },
});
