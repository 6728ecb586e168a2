import assert from "node:assert/strict";
import { releasedTypes } from "../../automation/stack/pending-operations";
import { recordTypes } from "../../local/provider/records";
import { scopeOf } from "../support/scope";
import type { Deployment } from "./deployment";
import { type Refusal, reads, rebuild } from "./rebuilding";
import { Stage } from "./stage";

/** What a deployer may read and neither change nor make, and whose it is. */
const others: readonly (readonly [what: RegExp, whose: string])[] = [
  [/^aws:iam\//, "who may do what is the administrator's"],
  [/^aws:kms\//, "keys and their names are the administrator's"],
  [/^aws:s3\/(?!bucketObjectv2)/, "who may come near a bucket and how long it keeps is the administrator's"],
  [
    /^aws:s3\/bucketObjectv2:\S+ \S+-(champion-marker|requirements|source-object)$/,
    "what the release path, Studio and builds read is laid down by the administrator",
  ],
  [/^aws:sagemaker\/(domain|userProfile|space|studioLifecycleConfig):/, "Studio acts in people's names"],
  [/^aws:sagemaker\/(model|endpointConfiguration|endpoint):/, "what serves is the release path's"],
  [/^aws:ecr\/(repository|lifecyclePolicy):/, "images are the administrator's"],
  [/^aws:(codebuild|cloudtrail)\//, "builds and the trail are the administrator's"],
  [/^aws:cloudwatch\/logGroup:\S+ \S+-(audit|builds|delivery)-logs$|-flow-log-group$/, "logs are evidence"],
  [
    /^aws:(lambda|sqs|cloudwatch\/event)\S+ \S+-(trials|requests|delivery)-/,
    "what starts and ends releases is the administrator's",
  ],
  [/^aws:(lambda|sqs|cloudwatch\/event)\S+ \S+-recorder-/, "what records calls is the administrator's"],
  [/^aws:(lambda|sqs)\S+ \S+-witness-/, "who witnesses logs is the administrator's"],
  [/^aws:lambda\/permission:/, "who may call a function is the administrator's"],
  [
    /^aws:lambda\/(eventSourceMapping|function):\S+ \S+-(retraining|failures|experiments|telling|kpis)-/,
    "the roles of what decides about retraining and experiments, tells people and publishes what releases are judged by are the administrator's to hand over",
  ],
  [/^aws:scheduler\/schedule:\S+ \S+-nights-/, "the role of the nights takes what serves away"],
];
const whose = ({ type, name }: { type: string; name: string }) => others.find(([what]) => what.test(`${type} ${name}`));

/** Each resource of the program, without an engine, as the people and builds that have to do with it. */
/** Each resource of the program, without an engine, as the people and builds that have to do with it. */
describe("the program's resources", function () {
  let stage: Stage;
  let staging: Deployment;
  before(async () => {
    stage = await Stage.up("dev", { "peregrine:networkMode": "private", "peregrine:releaseTargets": "staging,prod" });
    staging = await Stage.deploy(stage.local, "staging", { "peregrine:nights": "scale-in" });
  });
  after(() => stage?.down());
  const told = (refusals: readonly Refusal[]) =>
    refusals.map(({ step, type, name, words }) => `${step} ${type} ${name}: ${words}`);
  const met = new Set<string>();

  it("are read by release builds as far as releases change them", async () => {
    const released = staging.resources.filter(
      ({ type, name }) => releasedTypes.includes(type) && /-detector(-|$)/.test(name),
    );
    assert.ok(
      new Set(released.map(({ type }) => type)).size >= 7,
      released.map(({ type, name }) => `${type} ${name}`).join("\n"),
    );
    assert.deepEqual(
      told(await reads(released, await stage.deployment.providerAs(stage.session("release-build")))),
      [],
    );
  });

  for (const environment of ["dev", "staging"] as const)
    it(`are all read by the deployer of ${environment}, and made anew where they are not somebody else's`, async () => {
      const deployment = environment === "dev" ? stage.deployment : staging;
      // What the local cloud only remembers asks for no right.
      const resources = deployment.resources.filter(({ type }) => !(type in recordTypes));
      const refused = await rebuild(
        resources,
        deployment,
        await deployment.providerAs(await stage.taken("deployer", "emil", scopeOf(environment))),
      );
      assert.deepEqual(told(refused.filter((refusal) => refusal.step === "read" || !whose(refusal))), []);
      const theirs = resources.filter(
        (resource) =>
          whose(resource) &&
          !refused.some(({ step, name, type }) => step !== "read" && type === resource.type && name === resource.name),
      );
      assert.deepEqual(
        theirs.map(({ type, name }) => `${type} ${name}`),
        [],
      );
      assert.ok(
        resources.length - new Set(refused.map(({ type, name }) => type + name)).size >= 40,
        String(resources.length),
      );
      for (const refusal of refused) met.add(whose(refusal)![1]);
    });

  it("are somebody else's where somebody else's work says so, and nowhere else", () => {
    assert.deepEqual(
      others.map(([, why]) => why).filter((why) => !met.has(why)),
      [],
    );
  });
});
