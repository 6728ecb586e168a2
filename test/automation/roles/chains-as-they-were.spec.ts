import assert from "node:assert/strict";
import { breaches } from "../../../lifecycle/access/goal";
import { forbiddenGoals } from "../../../lifecycle/access/forbidden-goals";
import { personSession, type Session, sessionOf } from "../../../lifecycle/access/model";
import { Search } from "../../../lifecycle/access/search";
import { actorsOf } from "../../../automation/roles/world/actors";
import { PolicyEvaluator } from "../../../scripts/policy-evaluator";
import { statementsOf, type Wanted, walk } from "../../lifecycle/access/walk";
import { worldAsItWas } from "./as-it-was/world";

const world = worldAsItWas();
const search = new Search(world, new PolicyEvaluator());
const person = (name: string): Session => personSession(world.people.find((one) => one.name === name)!);
const role = (name: string, environment: string): Session =>
  sessionOf(world.roles.find((one) => one.name === name && one.environment === environment)!);
const own = (as: RegExp): Wanted => ["take a role", as];

/** Each chain that was executed once against the program as it was, and those that were read: who goes which steps. */
const chains: readonly {
  readonly name: string;
  readonly start: Session;
  readonly steps: readonly Wanted[];
  readonly statement: string;
}[] = [
  {
    name: "1: the deployer puts code of his own into the function that starts trials, which starts a build with a buildspec of his own",
    start: person("emil"),
    steps: [
      own(/deployer of dev as emil/),
      ["replace function code", /staging-trial of dev/],
      ["override a build", /release-build of dev/],
      ["write objects", /writes prod releases\//],
      ["archive is served", /served in prod/],
    ],
    statement: "DeployFunctions",
  },
  {
    name: "2: the deployer makes a role of every right that the boundary leaves, which writes the source of release builds",
    start: person("emil"),
    steps: [
      own(/deployer of dev as emil/),
      ["make a role", /new role probe under boundary/],
      ["write objects", /writes dev sources\//],
      ["source archive runs", /release-build of dev/],
    ],
    statement: "MakeRoles",
  },
  {
    name: "2, by the trust of the pipeline's role and rights added to it",
    start: person("emil"),
    steps: [
      own(/deployer of dev as emil/),
      ["edit a trust", /acts as pipeline-execution of dev$/],
      ["add rights", /extends role .*dev-pipeline-execution/],
      ["use added rights", /pipeline-execution of dev with rights added/],
      ["write objects", /writes dev sources\//],
    ],
    statement: "DeployRoles",
  },
  {
    name: "3: a role that the deployer makes takes the approver's and the ML engineer's",
    start: person("emil"),
    steps: [
      own(/deployer of prod as emil/),
      ["make a role", /new role probe under boundary/],
      ["take a role", /acts as approver of prod/],
      ["take a role", /acts as ml-engineer of prod/],
    ],
    statement: "MakeRoles",
  },
  {
    name: "4: such a role writes production's desired release, ledger, its head and released archives",
    start: person("emil"),
    steps: [
      own(/deployer of prod as emil/),
      ["make a role", /new role probe under boundary/],
      ["write a parameter", /writes prod parameter release/],
      ["write objects", /writes prod ledger\//],
      ["write a parameter", /writes prod parameter ledger-head/],
      ["write objects", /writes prod releases\//],
    ],
    statement: "MakeRoles",
  },
  {
    name: "5: the deployer opens the artifacts bucket for himself",
    start: person("emil"),
    steps: [
      own(/deployer of dev as emil/),
      ["open a bucket", /opens dev artifacts bucket/],
      ["use an opening", /writes dev sources\//],
      ["source archive runs", /release-build of dev/],
    ],
    statement: "DeployBuckets",
  },
  {
    name: "6: the deployer opens the trail's bucket, has it forget, and deletes its log group",
    start: person("emil"),
    steps: [
      own(/deployer of prod as emil/),
      ["open a bucket", /opens prod audit bucket/],
      ["let a bucket forget", /silences prod audit bucket/],
      ["bucket forgets", /deletes prod trail files/],
      ["forget logs", /silences prod log group of the trail/],
    ],
    statement: "DeployBuckets",
  },
  {
    name: "7: the ML engineer writes another archive, and edits the approved package",
    start: person("ben"),
    steps: [
      own(/ml-engineer of dev as ben/),
      ["write objects", /writes dev runs\//],
      ["edit a package", /edits dev packages/],
      ["package is believed", /served in prod/],
    ],
    statement: "WriteArtifacts",
  },
  {
    name: "8: the ML engineer of production sets variables of a container and serves it",
    start: person("ben"),
    steps: [
      own(/ml-engineer of prod as ben/),
      ["set container variables", /acts as endpoint-execution of prod/],
      ["serve another model", /serves prod endpoint/],
      ["archive is served", /served in prod/],
    ],
    statement: "OperateEndpoints",
  },
  {
    name: "9: the data scientist takes his role in a colleague's name and opens that one's profile",
    start: person("anna"),
    steps: [own(/data-scientist of dev as ben/), ["open a presigned door", /studio-ml-engineer of dev as ben/]],
    statement: "OpenStudio",
  },
  {
    name: "10: the data scientist runs a job as the pipeline's jobs run, which plants a checkpoint",
    start: person("anna"),
    steps: [
      own(/data-scientist of dev as anna/),
      ["pass to a processing job", /acts as processing-execution of dev/],
      ["write objects", /writes dev runs\//],
      ["pass to a training job", /acts as training-execution of dev/],
      ["write objects", /writes dev checkpoints\//],
      ["checkpoint runs", /training-execution of dev/],
    ],
    statement: "PassRoles",
  },
  {
    name: "by reading: the deployer of dev writes the state of production",
    start: person("emil"),
    steps: [
      own(/deployer of dev as emil/),
      ["write objects", /writes state of prod/],
      ["state is believed", /deployer of prod/],
    ],
    statement: "KeepState",
  },
  {
    name: "by reading: a pull request reads the state of production",
    start: role("ci-preview", "dev"),
    steps: [["read objects", /reads state of prod/]],
    statement: "KeepState",
  },
  {
    name: "by reading: workflows start image builds with any buildspec",
    start: role("ci-deployer", "dev"),
    steps: [["override a build", /acts as image-build of dev/]],
    statement: "BuildImages",
  },
];

describe("the chains that the program allowed once", () => {
  for (const { name, start, steps, statement } of chains) {
    it(`are found: ${name}`, () => {
      const walked = walk(search, start, steps);
      assert.ok(
        walked.some((step) => statementsOf(step).includes(statement)),
        `${statement} is not among ${walked.flatMap(statementsOf).join(", ")}`,
      );
    });
  }

  it("are reported as forbidden goals, each to those who went them", () => {
    const found = breaches(search, forbiddenGoals, actorsOf(world));
    const has = (goal: string, actor: RegExp): boolean =>
      found.some((one) => one.goal === goal && actor.test(one.actor));
    const wanted: readonly (readonly [string, RegExp])[] = [
      ["production-without-approver", /deployer of dev/],
      ["production-without-approver", /ml-engineer of prod/],
      ["production-without-approver", /ml-engineer of dev/],
      ["four-eyes", /deployer of dev/],
      ["evidence", /deployer of prod/],
      ["trail", /deployer of prod/],
      ["scientist-as-another", /data-scientist of dev/],
      ["release-build", /deployer of dev/],
      ["deployer-as-person", /deployer of prod/],
      ["preview-changes", /ci-preview of dev/],
    ];
    assert.deepEqual(
      wanted.filter(([goal, actor]) => !has(goal, actor)),
      [],
    );
  });
});
