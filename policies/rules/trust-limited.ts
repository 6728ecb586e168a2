import { type Statement, statementsOf, valuesOf } from "../document";
import { wellArchitected } from "../frameworks";
import { byType, defineRule } from "../rule";
import { types } from "../types";

interface Config {
  /** Services that act for many accounts, so that a trust in one must say for whose sake. */
  readonly deputies: readonly string[];
}

export const trustLimited = defineRule<Config>({
  name: "trust-limited",
  description:
    "A role trusts named principals, services only for our own account, and identity providers only for named subjects.",
  rationale: "A role that anybody may take is everybody's; a service that anybody may send is a confused deputy.",
  severity: "critical",
  framework: wellArchitected("MLSEC04", "Grant least privilege"),
  remediationSteps:
    "Name the principals; add aws:SourceAccount or aws:SourceArn for services, and the provider's aud and sub for identity providers.",
  url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
  configSchema: { properties: { deputies: { type: "array", items: { type: "string" } } } },
  // CloudTrail takes its role without saying for which account (CloudTrail user guide, "Role policy document for
  // CloudTrail to use CloudWatch Logs").
  defaults: {
    deputies: ["sagemaker", "events", "scheduler", "codebuild", "budgets", "vpc-flow-logs"].map(
      (service) => `${service}.amazonaws.com`,
    ),
  },
  ...byType<Config>({
    *[types.role](props, { deputies }, { name }) {
      for (const statement of statementsOf(props["assumeRolePolicy"]).filter(({ Effect }) => Effect === "Allow"))
        for (const problem of problemsOf(statement, deputies)) yield `Role ${name}: ${problem}`;
    },
  }),
});

function* problemsOf(statement: Statement, deputies: readonly string[]): Iterable<string> {
  const { Principal } = statement;
  const principal = (Principal === "*" ? { AWS: "*" } : (Principal ?? {})) as Readonly<Record<string, unknown>>;
  if (valuesOf(principal["AWS"]).includes("*")) yield "everybody is trusted.";
  const keys = conditionKeys(statement);
  const loose = valuesOf(principal["Service"]).filter((service) => deputies.includes(service));
  if (loose.length > 0 && !keys.some(([key]) => /^aws:Source(Account|Arn|OrgID)$/i.test(key)))
    yield `${loose.join(", ")} is trusted for whichever account it acts.`;
  for (const provider of valuesOf(principal["Federated"])) {
    const subjects = keys.filter(([key]) => /:(sub|aud)$/i.test(key));
    if (!subjects.some(([key]) => /:sub$/i.test(key)) && /oidc-provider/.test(provider))
      yield `all subjects of ${provider} are trusted.`;
    if (subjects.some(([key, values]) => /:sub$/i.test(key) && values.some((value) => /^\*?$|^repo:\*/.test(value))))
      yield `a subject of ${provider} is a wildcard.`;
  }
}

/** The keys of all conditions with their values. */
function conditionKeys({ Condition }: Statement): [string, string[]][] {
  return Object.values((Condition ?? {}) as Record<string, Record<string, unknown>>).flatMap((keys) =>
    Object.entries(keys).map(([key, values]): [string, string[]] => [key, valuesOf(values)]),
  );
}
