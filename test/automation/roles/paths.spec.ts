import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathsText } from "../../../automation/roles/paths/text";
import { type PathsAnswer, reached } from "../../../automation/roles/paths/find";
import { forbiddenGoals } from "../../../lifecycle/access/forbidden-goals";
import { personSession, type Role, sessionOf, type World } from "../../../lifecycle/access/model";
import { Search } from "../../../lifecycle/access/search";
import { environments } from "../../../contract/environments";
import { scopesOf, searchStacks } from "../../../automation/roles/paths/search";
import { worldOf } from "../../../automation/roles/world/world";
import { mitigations } from "../../../automation/roles/world/mitigations";
import { PolicyEvaluator } from "../../../scripts/policy-evaluator";
import { type Wanted, walk } from "../../lifecycle/access/walk";
import { programOf } from "../../support/programs";

const all = (
  changes: Readonly<Record<string, string>>,
): Readonly<Record<(typeof environments)[number], Readonly<Record<string, string>>>> => ({
  dev: changes,
  staging: changes,
  prod: changes,
});

/** Each setting that adds roles or things, by itself. */
const options: readonly (readonly [
  name: string,
  changes: Partial<Record<(typeof environments)[number], Readonly<Record<string, string>>>>,
])[] = [
  ["workflows", all({ "peregrine:ciRepository": "owner/name" })],
  [
    "a bucket for states",
    all({ "peregrine:releaseBackendUrl": "s3://states-of-stacks", "peregrine:ciRepository": "owner/name" }),
  ],
  [
    "managed monitoring",
    all({ "peregrine:monitoringMode": "managed", "peregrine:existingCustomerOf": '["model-monitor"]' }),
  ],
  [
    "two people of each role",
    all({
      "peregrine:people":
        '["anna=data-scientist","arno=data-scientist","ben=ml-engineer","bela=ml-engineer","cleo=approver","cora=approver","dora=auditor","emil=deployer","edna=deployer"]',
    }),
  ],
  ["monitoring of one's own", all({ "peregrine:monitoringMode": "self-hosted" })],
  ["no image builds", { dev: { "peregrine:imageBuilds": "false" } }],
  ["Studio everywhere", all({ "peregrine:studio": "true" })],
  ["no Studio", all({ "peregrine:studio": "false" })],
  ["nights", { dev: { "peregrine:nights": "off" } }],
  ["a budget that stops", all({ "peregrine:budgetStop": "automatic" })],
  ["a tracking server", all({ "peregrine:trackingMode": "tracking-server" })],
  ["an organization's trail", all({ "peregrine:auditTrail": "organization" })],
  ["a second factor", all({ "peregrine:requireMfa": "true" })],
  ["access logs", all({ "peregrine:accessLogs": "true" })],
  ["releases by people", { dev: { "peregrine:releaseTargets": "" } }],
  ["a private network", all({ "peregrine:networkMode": "private" })],
];

function assertNone(answer: PathsAnswer): void {
  assert.equal(answer.goals.length, forbiddenGoals.length);
  assert.equal(reached(answer).length, 0, `\n${pathsText({ ...answer, goals: reached(answer) }, false)}`);
}

describe("forbidden goals", function () {
  this.timeout(300_000);

  it("are out of everybody's reach in the three stacks of one account, which takes less than 20 seconds to find", () => {
    const started = process.cpuUsage();
    assertNone(searchStacks(scopesOf(environments), new PolicyEvaluator()));
    const { user, system } = process.cpuUsage(started);
    assert.ok((user + system) / 1e6 < 20, `${(user + system) / 1e6} s of one core`);
  });

  it("are out of reach where each stack has an account of its own", () => {
    const accounts = { dev: "111111111111", staging: "222222222222", prod: "333333333333" };
    assertNone(
      searchStacks(
        scopesOf(
          environments,
          {
            dev: {
              "peregrine:releaseTargets": "",
              "peregrine:readerAccountIds": JSON.stringify([accounts.staging, accounts.prod]),
            },
            staging: { "peregrine:imageAccountId": accounts.dev },
            prod: { "peregrine:imageAccountId": accounts.dev },
          },
          accounts,
        ),
        new PolicyEvaluator(),
      ),
    );
  });

  for (const [name, changes] of options)
    it(`are out of reach with ${name}`, () =>
      assertNone(searchStacks(scopesOf(environments, changes), new PolicyEvaluator())));
});

/** The program's world with statements added to one role. */
function planted(
  world: World,
  role: string,
  environment: string,
  statements: Role["policies"][number]["statements"],
): World {
  const roles = world.roles.map((one) =>
    one.name === role && one.environment === environment
      ? { ...one, policies: [...one.policies, { name: "planted", statements }] }
      : one,
  );
  return { ...world, roles };
}

describe("the world of the program", () => {
  const world = worldOf(scopesOf(environments));
  const cases: readonly (readonly [
    title: string,
    role: string,
    environment: string,
    action: string,
    resource: string,
    steps: readonly Wanted[],
  ])[] = [
    [
      "who writes the ledger and is let in by the bucket's policy",
      "release-build",
      "dev",
      "s3:PutObject",
      "*",
      [["write objects", /writes prod ledger\//]],
    ],
    [
      "who may start builds without conditions",
      "release-request",
      "dev",
      "codebuild:StartBuild",
      "*",
      [["override a build", /release-build of dev/]],
    ],
    [
      "who may write a parameter",
      "release-build",
      "dev",
      "ssm:PutParameter",
      "*",
      [
        ["write a parameter", /prod parameter release/],
        ["desired release is served", /served in prod/],
      ],
    ],
    [
      "who may take logs away",
      "ml-engineer",
      "prod",
      "logs:DeleteLogStream",
      "*",
      [["forget logs", /log group of the trail/]],
    ],
  ];
  for (const [title, role, environment, action, resource, steps] of cases) {
    it(`shows a hole that is planted: ${title}`, () => {
      const holed = planted(world, role, environment, [
        { Sid: "Planted", Effect: "Allow", Action: [action], Resource: [resource] },
      ]);
      const start = sessionOf(holed.roles.find((one) => one.name === role && one.environment === environment)!);
      walk(new Search(holed, new PolicyEvaluator()), start, steps);
    });
  }

  it("shows no hole where the bucket's policy closes what a role's policy opens", () => {
    const holed = planted(world, "ml-engineer", "dev", [
      { Sid: "Planted", Effect: "Allow", Action: ["s3:PutObject"], Resource: ["*"] },
    ]);
    const start = sessionOf(
      holed.roles.find(({ name, environment }) => name === "ml-engineer" && environment === "dev")!,
    );
    const search = new Search(holed, new PolicyEvaluator());
    assert.throws(() => walk(search, start, [["write objects", /writes dev ledger\//]]));
    assert.throws(() => walk(search, start, [["write objects", /writes dev sources\//]]));
  });

  it("lets each person take their own role", () => {
    const search = new Search(world, new PolicyEvaluator());
    for (const person of world.people)
      assert.ok(
        [...search.reach([personSession(person)]).values()].some(
          ({ fact }) => fact.kind === "as" && fact.session.role?.arn === person.roles[0],
        ),
        person.name,
      );
  });

  it("has every function, build project, queue, topic, pipeline and parameterised role that the programs make", async () => {
    const missing: string[] = [];
    const known = new Set(world.assets.map(({ arn }) => arn.slice(arn.lastIndexOf(":") + 1).replace(/^.*\//, "")));
    const types = {
      "aws:lambda/function:Function": "name",
      "aws:codebuild/project:Project": "name",
      "aws:sqs/queue:Queue": "name",
      "aws:sns/topic:Topic": "name",
      "aws:sagemaker/pipeline:Pipeline": "pipelineName",
      "aws:iam/role:Role": "name",
      "aws:ecr/repository:Repository": "name",
    };
    for (const environment of environments) {
      const { resources } = await programOf(environment);
      for (const { type, inputs } of resources) {
        const name = types[type as keyof typeof types] && String(inputs[types[type as keyof typeof types]]);
        if (name && !known.has(name)) missing.push(`${type} ${name}`);
      }
    }
    assert.deepEqual(missing, []);
  });

  it("counts as checked only what a spec proves", () => {
    for (const { spec, title } of Object.values(mitigations)) {
      assert.ok(existsSync(join(__dirname, "../../..", spec)), spec);
      assert.ok(readFileSync(join(__dirname, "../../..", spec), "utf8").includes(title), title);
    }
  });
});
