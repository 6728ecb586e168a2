import assert from "node:assert/strict";
import fc from "fast-check";
import { experimentEndings } from "../../../contract/experiment";
import { endingNotice, requestAfter } from "../../../lifecycle/experiment/ending";
import { unmeasured } from "../../../lifecycle/experiment/measurable";
import {
  intendedPercent,
  nextStep,
  percentOf,
  shadowPercent,
  type Situation,
} from "../../../lifecycle/experiment/step";
import { releaseRequest } from "../../../contract/release-request";
import { alertDetail } from "../../../contract/monitoring";
import { noClusters } from "../../../lifecycle/statistics/clusters";

const served = (requests: number) => ({ requests, errors: 0, slow: 0, answers: 0, empty: 0, unsure: 0 });
const look = (challengerPercent: number, requests: number) => {
  const arm = { units: requests, served: served(requests), scores: noClusters };
  return { at: "2026-11-29T12:00:00Z", challengerPercent, arms: { champion: arm, challenger: arm } };
};
const situation: Situation = {
  now: "2026-11-29T12:10:00Z",
  mode: "live",
  design: { challengerPercent: 50 },
  configName: "config",
  live: { status: "InService", configName: "config", weights: { champion: 95, challenger: 5 }, challenger: true },
  looks: [],
  judged: { verdict: "running", reasons: ["too early"] },
  ending: undefined,
  asked: false,
  looked: false,
};

const anySituation = fc
  .record({
    mode: fc.constantFrom("live" as const, "shadow" as const),
    percent: fc.constantFrom(5, 20, 50),
    status: fc.constantFrom("InService", "Updating", "RollingBack"),
    configName: fc.constantFrom("config", "another"),
    weight: fc.constantFrom(0, 5, 25, 50),
    verdict: fc.constantFrom("running" as const, "won" as const, "lost" as const, "guardrail" as const),
    outcome: fc.option(fc.constantFrom(...experimentEndings), { nil: undefined }),
    asked: fc.boolean(),
    looked: fc.boolean(),
    looks: fc.array(
      fc
        .record({ share: fc.constantFrom(5, 25, 50), requests: fc.nat(30) })
        .map((one) => look(one.share, one.requests)),
      { maxLength: 4 },
    ),
  })
  .map(({ mode, percent, status, configName, weight, verdict, outcome, asked, looked, looks }): Situation => ({
    ...situation,
    mode,
    design: { challengerPercent: percent },
    live: { status, configName, weights: { champion: 100 - weight, challenger: weight }, challenger: true },
    judged: { verdict, reasons: ["why"] },
    ending: outcome && { outcome },
    asked,
    looked,
    looks,
  }));

describe("the next step of an experiment", () => {
  it("never gives traffic to a challenger whose experiment ended, nor any to a shadow", () => {
    fc.assert(
      fc.property(anySituation, (given) => {
        const step = nextStep(given);
        if (step.kind !== "shift") return;
        assert.equal(given.mode, "live");
        if (given.ending) assert.equal(step.percent, 0);
        else assert.ok(step.percent > 0 && step.percent <= given.design.challengerPercent);
      }),
    );
  });

  it("comes to rest: each step that is done leads to another one, and soon to none", () => {
    fc.assert(
      fc.property(anySituation, (given) => {
        let now = given;
        const seen: string[] = [];
        for (let count = 0; count < 8; count++) {
          const step = nextStep(now);
          seen.push(step.kind);
          if (step.kind === "wait") return;
          const live = now.live!;
          if (step.kind === "shift")
            now = { ...now, live: { ...live, weights: { champion: 100 - step.percent, challenger: step.percent } } };
          if (step.kind === "end") now = { ...now, ending: { outcome: step.outcome } };
          if (step.kind === "ask") now = { ...now, asked: true };
          if (step.kind === "look") now = { ...now, looked: true };
        }
        assert.fail(seen.join(", "));
      }),
    );
  });

  it("takes traffic away before anybody is asked or told", () => {
    const lost: Situation = { ...situation, ending: { outcome: "lost" } };
    assert.deepEqual(nextStep(lost), { kind: "shift", percent: 0 });
    assert.deepEqual(nextStep({ ...situation, ending: { outcome: "won" } }), { kind: "ask" });
  });

  it("goes up in steps, each once the challenger has answered enough at it", () => {
    const percent = (...looks: ReturnType<typeof look>[]) => intendedPercent({ challengerPercent: 50 }, looks);
    assert.equal(percent(), 5);
    assert.equal(percent(look(5, 19)), 5);
    assert.equal(percent(look(5, 12), look(5, 8)), 25);
    assert.equal(percent(look(5, 20), look(25, 20)), 50);
    assert.equal(intendedPercent({ challengerPercent: 5 }, []), 5);
    assert.equal(intendedPercent({ challengerPercent: 10 }, [look(5, 20)]), 10);
  });

  it("knows shares: of weights, and of a shadow that answers copies", () => {
    assert.equal(percentOf({ champion: 3, challenger: 1 }), 25);
    assert.equal(percentOf({ champion: 1 }), 0);
    assert.equal(percentOf({}), 0);
    assert.equal(shadowPercent(100), 50);
    assert.equal(shadowPercent(25), 20);
  });
});

describe("what follows from an ending", () => {
  const ended = {
    environment: "prod",
    endpoint: "peregrine-prod-detector",
    evidence: "s3://bucket/course.json",
    challenger: {
      modelPackageArn: "arn:aws:sagemaker:eu-central-1:123456789012:model-package/peregrine-dev-detector/2",
      modelSha256: "b".repeat(64),
    },
  };

  it("is a request that the release path takes, and an alert with the next command", () => {
    for (const outcome of experimentEndings) {
      const document = {
        version: 1,
        id: "x-0123456789ab",
        outcome,
        reasons: ["it is so"],
        at: "2026-11-29T12:00:00Z",
        looks: 3,
      } as const;
      const request = releaseRequest.parse(requestAfter(document, ended));
      assert.equal(request.action, outcome === "won" ? "release" : "end-experiment");
      for (const takesRequests of [true, false]) {
        const notice = alertDetail.parse(
          endingNotice({ ...document, reasons: ["it is so"] }, { ...ended, takesRequests }),
        );
        assert.match(notice.message, /x-0123456789ab/);
        assert.match(notice.command!, takesRequests ? /status/ : outcome === "won" ? /promote/ : /stop/);
      }
    }
  });
});

describe("what a design asks for", () => {
  it("is named where nobody measures it", () => {
    const metric = (name: string) => ({ name, better: "higher" as const });
    assert.deepEqual(unmeasured({ metric: metric("f1") }), []);
    assert.match(unmeasured({ metric: metric("map50") }).join(), /^metric map50 is not measured on labelled answers/);
  });
});
