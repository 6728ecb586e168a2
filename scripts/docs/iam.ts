import { globalKeys, tagKeys } from "../../local/iam/global-keys";

/** What the local cloud's IAM evaluator knows: a section of docs/local-cloud.md. */
export function iamSection(): string[] {
  return [
    "## IAM",
    "",
    "AWS's evaluation logic decides every request: service control policies, resource-based policies (with the limits that apply to each form of principal),",
    "identity policies, permissions boundary and session policies. Across accounts both sides must allow. The policy of a VPC endpoint that a request came through must allow as well.",
    "Role trust policies and key policies must allow by themselves or name the account. All condition operators are supported, with `IfExists`, `ForAnyValue:`, `ForAllValues:` and policy variables.",
    "A denial has AWS's words, and names the policy where AWS does. Documents are checked by IAM's grammar when they are stored, and compiled once.",
    "",
    "```sh",
    "npx peregrine local start --service-control scp.json   # puts the account under an organisation's policies; [] removes them",
    "```",
    "",
    '`scp.json` is a list of levels, from the organisation\'s root down, each an object of policies by name: `[{"FullAWSAccess": {"Version": "2012-10-17", "Statement": […]}}]`.',
    "",
    "Where AWS's documentation is ambiguous, the stricter reading applies: an ARN pattern in a condition needs its six parts; `NotPrincipal` with an account's",
    "name alone excludes nobody but its root user. These are not supported: resource control policies, ACLs, federated users (`GetFederationToken`), MFA devices.",
    "",
    "The local cloud sets these condition keys by itself, beside those of each service's actions. All others are absent from its requests:",
    "",
    "| key | present in |",
    "|---|---|",
    ...[...globalKeys, ...tagKeys].map(({ name, present }) => `| \`${name}\` | ${present} |`),
    "",
  ];
}
