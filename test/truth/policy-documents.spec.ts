import assert from "node:assert/strict";
import { environments } from "../../contract/environments";
import type { Statement } from "../../infra/identity/document";
import { openResources } from "../../infra/identity/open-resources";
import { built } from "../support/build";
import { expand, problemsOf } from "../support/iam-actions";
import { documentsOf, type DocumentKind, type PolicyDocument } from "../support/policy-documents";
import { programOf } from "../support/programs";

/**
 * Statements as the check of statements takes them: a resource's `*` is the resource, a trust policy names none, a
 * boundary's allowances allow nobody anything.
 */
function asChecked(kind: DocumentKind, statement: Statement): Statement {
  if (kind === "identity") return statement;
  const { Resource, ...rest } = statement;
  return kind === "trust" || Resource?.includes("*") ? (rest as Statement) : statement;
}

/** Problems that are about the statement as a whole; the others are about one action and what it fits. */
const whole = /fits none of the actions|is no condition key|is no action/;

/**
 * Each named action must fit by itself; of a pattern's actions in a resource's policy, one is enough: the others hit
 * nothing there.
 */
async function problemsOfResource(statement: Statement): Promise<string[]> {
  const common = (await problemsOf(statement)).filter((problem) => whole.test(problem));
  const alone = async (action: string): Promise<string[]> =>
    (await problemsOf({ ...statement, Action: [action] })).filter((problem) => !whole.test(problem));
  const each = await Promise.all(
    statement.Action.filter((action) => action !== "*").map(async (pattern) => {
      if (!pattern.includes("*")) return alone(pattern);
      const all = await Promise.all((await expand(pattern)).map(({ name }) => alone(name)));
      return all.some((problems) => problems.length === 0) ? [] : (all[0] ?? []);
    }),
  );
  return [...common, ...each.flat()];
}

/** What AWS ignores in silence and is there on purpose, by what it says and why. */
const known: readonly (readonly [problem: RegExp, why: string])[] = [
  [
    /^(aws:kms\/key:Key .*)LogsAreEncrypted: kms:DescribeKey does not support kms:EncryptionContext:aws:logs:arn$/,
    'CloudWatch Logs\' guide grants kms:Describe* under this condition; Logs does not need it ("Encrypt log data")',
  ],
  [
    /SettingsStay: s3:(PutAccessPointPolicy|CreateAccessPoint) on none of its resource types$/,
    "a denial beside those that count; access points have policies of their own",
  ],
  [
    /TrustWorkflows: token\.actions\.githubusercontent\.com:(aud|sub) is no condition key$/,
    'keys of an identity provider are named after it (IAM user guide, "Available keys for AWS OIDC federation")',
  ],
];
const met = new Set<RegExp>();

function isKnown(problem: string): boolean {
  const found = known.find(([pattern]) => pattern.test(problem));
  if (found) met.add(found[0]);
  return found !== undefined;
}

/** The same statement is in many documents. */
const asked = new Map<string, Promise<string[]>>();

function problemsOnce(kind: DocumentKind, statement: Statement): Promise<string[]> {
  const key = JSON.stringify([kind, statement]);
  if (!asked.has(key))
    asked.set(key, kind === "identity" ? problemsOf(statement) : problemsOfResource(asChecked(kind, statement)));
  return asked.get(key)!;
}

async function problemsIn({ place, kind, statements }: PolicyDocument): Promise<string[]> {
  const boundary = /boundary/.test(place);
  const justified = (statement: Statement, problem: string) =>
    openResources.some(
      (one) =>
        one.statement === statement.Sid &&
        one.actions.some((action) => problem === `${action} on *, though it supports resources`),
    );
  const lists = await Promise.all(
    statements
      // What a boundary allows it allows to nobody by itself.
      .filter(({ Effect }) => !(boundary && Effect === "Allow"))
      .map(async (statement) => {
        const problems = await problemsOnce(kind, statement);
        return problems
          .filter((problem) => !justified(statement, problem))
          .map((problem) => `${place} ${statement.Sid}: ${problem}`);
      }),
  );
  return lists.flat().filter((problem) => !isKnown(problem));
}

describe("every policy document of the program, by AWS's authorisation data", function () {
  const programs = environments.flatMap((stack) => [
    { title: `${stack} without a release`, recorded: async () => (await built(stack)).recorder },
    { title: `${stack} with a release`, recorded: () => programOf(stack) },
    {
      title: `${stack} with workflows, private networks, a budget that stops and readers`,
      recorded: () =>
        programOf(stack, {
          "peregrine:ciRepository": "acme/peregrine",
          "peregrine:networkMode": "private",
          "peregrine:budgetStop": "automatic",
          "peregrine:auditTrail": "environment",
          "peregrine:readerAccountIds": '["222222222222"]',
        }),
    },
  ]);
  for (const { title, recorded } of programs)
    it(`names actions, resources and condition keys that exist and fit: ${title}`, async () => {
      const documents = documentsOf(await recorded());
      assert.deepEqual((await Promise.all(documents.map(problemsIn))).flat(), []);
    });

  it("has no exception that nothing needs", () => {
    assert.deepEqual(
      known.filter(([pattern]) => !met.has(pattern)).map(([, why]) => why),
      [],
    );
  });

  it("looks at the policies of keys, buckets, queues, topics, endpoints, buses, repositories, and at trust", async () => {
    const kinds = new Set(
      (await Promise.all(programs.map(({ recorded }) => recorded())))
        .flatMap((recorder) => documentsOf(recorder))
        .map(({ place }) => place.split(" ")[0]!),
    );
    for (const type of [
      "aws:kms/key:Key",
      "aws:s3/bucketPolicy:BucketPolicy",
      "aws:sqs/queuePolicy:QueuePolicy",
      "aws:sns/topicPolicy:TopicPolicy",
      "aws:ec2/vpcEndpoint:VpcEndpoint",
      "aws:iam/role:Role",
      "aws:iam/rolePolicy:RolePolicy",
      "aws:iam/policy:Policy",
    ])
      assert.ok(kinds.has(type), `${type}: ${[...kinds].join(", ")}`);
  });
});

describe("the check of policy documents", () => {
  const own = { Sid: "S", Effect: "Allow" as const, Principal: { Service: "events.amazonaws.com" } };
  const planted: readonly [what: string, kind: DocumentKind, statement: Statement, problem: RegExp][] = [
    [
      "an action of another service in a queue's policy",
      "resource",
      { ...own, Action: ["sqs:Publish"], Resource: ["arn:aws:sqs:eu-central-1:123456789012:q"] },
      /sqs:Publish is no action/,
    ],
    [
      "a queue's action on a topic",
      "resource",
      { ...own, Action: ["sqs:SendMessage"], Resource: ["arn:aws:sns:eu-central-1:123456789012:t"] },
      /none of its resource types/,
    ],
    [
      "a condition key that KMS does not know",
      "resource",
      { ...own, Action: ["kms:Decrypt"], Resource: ["*"], Condition: { StringEquals: { "kms:ViaServices": "s3" } } },
      /kms:ViaServices is no condition key/,
    ],
    [
      "a condition key of another action",
      "resource",
      {
        ...own,
        Action: ["kms:Decrypt"],
        Resource: ["*"],
        Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
      },
      /does not support kms:GrantIsForAWSResource/,
    ],
    [
      "an action that STS does not have, in a trust policy",
      "trust",
      { ...own, Action: ["sts:AssumeRoles"] },
      /sts:AssumeRoles is no action/,
    ],
    [
      "an endpoint's action on a pipeline, in the policy of a VPC endpoint",
      "resource",
      {
        ...own,
        Action: ["sagemaker:InvokeEndpoint"],
        Resource: ["arn:aws:sagemaker:eu-central-1:123456789012:pipeline/p"],
      },
      /InvokeEndpoint on none of its resource types/,
    ],
  ];
  for (const [what, kind, statement, problem] of planted)
    it(`finds ${what}`, async () => {
      assert.match((await problemsIn({ place: "p", kind, statements: [statement] })).join("\n"), problem);
    });
});
