import { auditEverything } from "./auditor";
import { billSoFar } from "./bill";
import { releaseByApproval } from "./delivery";
import * as experiments from "./experiments";
import { failOver } from "./failover";
import { seeEffects } from "./effects";
import { forecastDisks } from "./forecast";
import { healByHand } from "./healing";
import { labelAnswers } from "./labels";
import * as drift from "./drift";
import * as releases from "./releases";
import { beside, named } from "./side-by-side";
import { Rehearsal } from "./rehearsal";
import { verifyRoles } from "./roles";
import { runsReadBack } from "./runs";
import * as steps from "./steps";
import { seeTraffic } from "./traffic";
import type { Step } from "./run-steps";

/** The first model is trained in haste, so that there is a better one to follow; the retraining takes the settings. */
const firstTraining = { Epochs: "1", LearningRate: "0.0016" };

/** A first model: trained, tried in staging, approved, released. */
export function firstModel(rehearsal: Rehearsal): Step[] {
  return [
    [
      "Train a first model by the pipeline: profile, prepare, train, evaluate, register, try in staging",
      (onProgress) => steps.trainModel(rehearsal, firstTraining, onProgress),
    ],
    ["Fetch the profile page of the training data", () => steps.fetchProfile(rehearsal)],
    ["Approve it as approver", () => steps.approve(rehearsal)],
    [
      "See the approval release it to prod, where staging serves it well",
      (onProgress) => releaseByApproval(releases.newestOf(rehearsal), onProgress),
    ],
    ["Price production with the release in it", () => steps.priceProduction(rehearsal)],
  ];
}

/** What becomes of it: watched, compared, retrained, released, taken back. */
export function watchedModel(rehearsal: Rehearsal): Step[] {
  return [
    ["Ask for every cell of the role matrix, as each role of each environment", () => verifyRoles(rehearsal)],
    [
      "Watch quiet traffic: nobody is alarmed; meanwhile notice night in staging, where then an approved model begins to be compared with the one that serves",
      (onProgress) =>
        beside(onProgress, {
          prod: (onProgress) => drift.watchQuiet(rehearsal, onProgress),
          // Night first: the experiment's traffic would stand in the same hour.
          staging: async (onProgress) => ({
            ...(await drift.noticeNight(rehearsal, onProgress)),
            ...(await experiments.beginLosing(rehearsal, onProgress)),
          }),
        }),
    ],
    [
      "Watch another camera's traffic: nobody is alarmed; meanwhile people label answers, and staging's challenger loses, and its traffic with that",
      (onProgress) =>
        beside(onProgress, {
          prod: (onProgress) => drift.watchHarmless(rehearsal, onProgress),
          labels: (onProgress) => labelAnswers(rehearsal, onProgress),
          staging: (onProgress) => experiments.loseByLabels(rehearsal, onProgress),
        }),
    ],
    [
      "Notice fog, and that disks fill up: teams are told what moves, quality is measured on labels, and the retraining waits for more; meanwhile the loser is taken away from staging, and a model that finds nothing is stopped there",
      (onProgress) =>
        beside(onProgress, {
          prod: (onProgress) => drift.noticeFog(rehearsal, onProgress),
          staging: async (onProgress) => ({
            ...(await experiments.takenAway(rehearsal, onProgress)),
            ...named("blind", await releases.stopBlindModel(rehearsal, onProgress)),
          }),
          forecast: (onProgress) => forecastDisks(rehearsal, onProgress),
        }),
    ],
    [
      "See labelled flights in fog and at night come, and a retraining start by itself: better in fog, tried in staging; meanwhile a client that names its model makes an experiment there void, and what serves behind prod's front door is killed: images are held, the champion returns, and each of them is answered",
      async (onProgress) => {
        // First: new flights bring golden images in fog, by which its challenger would be tested as well.
        await experiments.beginFaulty(rehearsal, onProgress);
        return beside(onProgress, {
          dev: (onProgress) => drift.retrainOnNewFlights(rehearsal, onProgress),
          staging: (onProgress) => experiments.voidByFault(rehearsal, onProgress),
          prod: (onProgress) => failOver(rehearsal, onProgress),
        });
      },
    ],
    [
      "Approve it as approver, and the same model with a lower threshold, whose release waits for a comparison in staging",
      async (onProgress) => ({
        ...(await experiments.approveAttentive(rehearsal, onProgress)),
        ...(await steps.approve(rehearsal)),
      }),
    ],
    [
      "See the approval release it under traffic, in prod by canary; meanwhile staging goes back to the first model",
      (onProgress) =>
        beside(onProgress, {
          prod: (onProgress) => releases.releaseUnderTraffic(rehearsal, onProgress),
          staging: (onProgress) => experiments.goBack(rehearsal, onProgress),
        }),
    ],
    [
      "See staging compare the lower threshold with the first model: the lower threshold wins",
      (onProgress) => experiments.winByLabels(rehearsal, onProgress),
    ],
    [
      "Stop a release that fails in prod's canary; meanwhile see the winner released to staging by itself, notice there that SageMaker took an update back in silence, and in dev that a training crashed",
      (onProgress) => releases.failEverywhere(rehearsal, onProgress),
    ],
    [
      "Roll prod back under traffic, then release to staging, as an ML engineer asks",
      (onProgress) => releases.carryOutRequests(rehearsal, onProgress),
    ],
    [
      "See the gate refuse a package that was edited after its approval",
      (onProgress) => releases.refuseEdited(rehearsal, onProgress),
    ],
  ];
}

/** What is seen of what served. */
export function seen(rehearsal: Rehearsal): Step[] {
  return [
    [
      "See traffic in metrics and captured data; meanwhile read the bill so far, and compare it with what was used, and ask what releases did to the business metrics",
      (onProgress) =>
        beside(onProgress, {
          traffic: (onProgress) => seeTraffic(rehearsal, onProgress),
          bill: (onProgress) => billSoFar(rehearsal, onProgress),
          effects: () => seeEffects(rehearsal),
        }),
    ],
    runsReadBack(rehearsal),
  ];
}

/** What the records say, and what keeps an environment as it ought to be. */
export function records(rehearsal: Rehearsal): Step[] {
  return [
    [
      "Delete an alarm and open a bucket by hand: both are found, put right and verified",
      (onProgress) => healByHand(rehearsal, onProgress),
    ],
    [
      "Ask as an auditor: what one answer was made of, and whether each log holds and leaves nothing out",
      (onProgress) => auditEverything(rehearsal, onProgress),
    ],
  ];
}
