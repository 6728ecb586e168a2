import { globalKeys, tagKeys } from "../../local/iam/global-keys";

/** What the local cloud's IAM evaluator knows: a section of docs/local-cloud.md. */
export function iamSection(): string[] {
  return [
    "## IAM",
    "",
    "Every request is decided by AWS's evaluation logic: service control policies, resource-based policies (with what each form of principal is limited",
    "by), identity policies, permissions boundary and session policies; across accounts both sides must allow; the policy of a VPC endpoint that a request came through must allow as well; role trust policies and key policies must allow",
    "by themselves or name the account. All condition operators are there, with `IfExists`, `ForAnyValue:`, `ForAllValues:` and policy variables.",
    "A denial has AWS's words, and names the policy where AWS does. Documents are checked by IAM's grammar when they are stored, and compiled once.",
    "",
    "```sh",
    "npx peregrine local start --service-control scp.json   # the account under an organisation's policies; [] takes it out again",
    "```",
    "",
    '`scp.json` is a list of levels, from the organisation\'s root down, each an object of policies by name: `[{"FullAWSAccess": {"Version": "2012-10-17", "Statement": […]}}]`.',
    "",
    "Where AWS's documentation leaves a choice, the stricter reading is taken: an ARN pattern in a condition needs its six parts; `NotPrincipal` with an account's",
    "name alone leaves out nobody but its root user. Not there: resource control policies, ACLs, federated users (`GetFederationToken`), MFA devices.",
    "",
    "Condition keys that the local cloud fills in by itself, beside those of each service's actions; all others are absent from its requests:",
    "",
    "| key | present in |",
    "|---|---|",
    ...[...globalKeys, ...tagKeys].map(({ name, present }) => `| \`${name}\` | ${present} |`),
    "",
  ];
}
