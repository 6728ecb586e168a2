import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { Listr } from "listr2";
import { UserError } from "../../automation/errors";
import { daemonStatus, environmentOf, startDaemon, stopDaemon, usedRights } from "../commands/local";
import { datasetOf } from "../dataset";
import { usedByRole } from "../rights/used";
import { projectDir } from "../project";
import { elapsed } from "../terminal";
import { claimRehearsal } from "./claim";
import { auditEverything } from "./auditor";
import { RehearsalDashboard } from "./dashboard";
import { billSoFar, tellCostsApart } from "./bill";
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
import { type OnProgress, Rehearsal } from "./rehearsal";
import { writeExecutiveReport } from "./report";
import { verifyRoles } from "./roles";
import { runsReadBack } from "./runs";
import * as steps from "./steps";
import { type Facts, type StepRecord, type Summary, writePages } from "./summary";
import { seeTraffic } from "./traffic";

interface Options {
  readonly keep?: boolean;
  readonly short?: boolean;
  readonly summary?: string;
  readonly speed: number;
  readonly setupSeconds: number;
}

const options = new Command("npm start --")
  .description(
    "Rehearse a model's whole life on the local cloud: three environments, real training, releases, failures that are taken back, rollback, teardown.",
  )
  .option("--keep", "leave the local cloud, the environments and the dashboard up at the end")
  .option("--short", "the first model only: trained, released, serving, torn down")
  .option("--summary <file>", "write what happened as JSON")
  .option("--speed <factor>", "cloud seconds per real second", Number, 60)
  .option("--setup-seconds <seconds>", "how long the set-up before took", Number, 0)
  .parse()
  .opts<Options>();

const stateDir = join(projectDir, ".peregrine", "rehearsal");
const reportDir = join(stateDir, "report");

/** The first model is trained in haste, so that there is a better one to follow; the retraining takes the settings. */
const firstTraining = { Epochs: "1", LearningRate: "0.0016" };

type Step = readonly [title: string, action: (onProgress: OnProgress) => Promise<Facts>];

async function rehearse(): Promise<Summary> {
  const started = performance.now();
  const summary: Summary = {
    ok: false,
    seconds: 0,
    setupSeconds: options.setupSeconds,
    steps: [],
    requests: { sent: 0, failed: 0 },
    leftovers: 0,
    unimplemented: 0,
    models: [],
  };
  const rehearsal = new Rehearsal(stateDir, reportDir);
  const dashboard = await RehearsalDashboard.serve();
  console.log(`Watch it on the dashboard: ${dashboard.url}\n`);
  let before: readonly string[] = [];
  const firstModel: Step[] = [
    [
      "Start the local cloud",
      async (onProgress) => {
        const server = await startDaemon({
          stateDir,
          port: 0,
          providerPort: 0,
          speed: options.speed,
          lags: "on",
          fresh: true,
          onProgress,
        });
        Object.assign(process.env, environmentOf(server));
        dashboard.begin();
        return { url: server.url, speed: options.speed };
      },
    ],
    [
      "Bring up dev, staging and prod under the policy pack",
      async (onProgress) => ({
        ...(await steps.environmentsUp(rehearsal, onProgress)),
        ...(await tellCostsApart(rehearsal)),
      }),
    ],
    [
      "Seed the dataset bucket with real aerial images",
      async (onProgress) => {
        const facts = await steps.seedData(rehearsal, onProgress);
        const { bucket } = datasetOf(rehearsal.environments.dev);
        before = (await daemonStatus(stateDir)).inventory.filter((arn) => arn.includes(bucket));
        return facts;
      },
    ],
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
  const watchedModel: Step[] = [
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
      (onProgress) =>
        beside(onProgress, {
          dev: (onProgress) => drift.retrainOnNewFlights(rehearsal, onProgress),
          staging: (onProgress) => experiments.voidByFault(rehearsal, onProgress),
          prod: (onProgress) => failOver(rehearsal, onProgress),
        }),
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
      "Roll prod back under traffic, as its ML engineer asks; meanwhile staging compares the lower threshold with the first model, and the lower threshold wins",
      (onProgress) =>
        beside(onProgress, {
          prod: (onProgress) => releases.rollBackOnRequest(rehearsal, onProgress),
          staging: (onProgress) => experiments.winByLabels(rehearsal, onProgress),
        }),
    ],
    [
      "Stop a release that fails in prod's canary; meanwhile see the winner released to staging by itself, notice there that SageMaker took an update back in silence, release what staging's ML engineer asks for, and notice in dev that a training crashed",
      (onProgress) => releases.failEverywhere(rehearsal, onProgress),
    ],
    [
      "See the gate refuse a package that was edited after its approval",
      (onProgress) => releases.refuseEdited(rehearsal, onProgress),
    ],
  ];
  const traffic: Step = [
    "See traffic in metrics and captured data; meanwhile read the bill so far, and compare it with what was used, and ask what releases did to the business metrics",
    (onProgress) =>
      beside(onProgress, {
        traffic: (onProgress) => seeTraffic(rehearsal, onProgress),
        bill: (onProgress) => billSoFar(rehearsal, onProgress),
        effects: () => seeEffects(rehearsal),
      }),
  ];
  const records: Step[] = [
    [
      "Delete an alarm and open a bucket by hand: both are found, put right and verified",
      (onProgress) => healByHand(rehearsal, onProgress),
    ],
    [
      "Ask as an auditor: what one answer was made of, and whether each log holds and leaves nothing out",
      (onProgress) => auditEverything(rehearsal, onProgress),
    ],
  ];
  const seen = [traffic, runsReadBack(rehearsal)];
  const list = options.short ? [...firstModel, ...seen] : [...firstModel, ...watchedModel, ...seen, ...records];
  const end: Step[] = [
    [
      "Tear down all three environments",
      async (onProgress) => {
        await rehearsal.stopListening();
        return steps.tearDown(rehearsal, onProgress);
      },
    ],
    [
      "Count what is left",
      async () => {
        const status = await daemonStatus(stateDir);
        const left = status.inventory.filter((arn) => !before.includes(arn));
        summary.leftovers = Math.max(left.length, rehearsal.leftovers);
        summary.unimplemented = Object.values(status.unimplemented).reduce((sum, count) => sum + count, 0);
        if (left.length > 0) throw new Error(`the local cloud still holds: ${left.join(", ")}`);
        if (summary.unimplemented > 0)
          throw new Error(
            `operations that the local cloud does not implement: ${Object.keys(status.unimplemented).join(", ")}`,
          );
        return { leftovers: 0, unimplemented: 0, requests: status.requests };
      },
    ],
  ];
  const rights: Step = [
    "Write down which rights were used",
    async () => {
      const used = usedByRole(await usedRights(stateDir));
      writeFileSync(join(reportDir, "rights-used.json"), JSON.stringify(used, undefined, 1) + "\n");
      return {
        roles: Object.keys(used).length,
        rights: Object.values(used).reduce((sum, actions) => sum + Object.keys(actions).length, 0),
      };
    },
  ];
  list.push(
    rights,
    ["Export the dashboard", () => dashboard.export(reportDir)],
    ["Write the executive report", () => writeExecutiveReport(reportDir)],
  );
  try {
    await runSteps(options.keep ? list : [...list, ...end], summary.steps);
    summary.ok = summary.steps.every((step) => step.ok);
  } finally {
    summary.requests = rehearsal.requests;
    summary.models = rehearsal.models;
    if (options.keep) console.log(`\n${await dashboard.leaveUp()}`);
    else await Promise.all([dashboard.close(), stopDaemon(stateDir)]);
    summary.seconds = (performance.now() - started) / 1000;
    if (options.summary) writeFileSync(options.summary, JSON.stringify(summary, undefined, 2) + "\n");
    const pages = writePages(reportDir, summary, rehearsal.samples, "profile.html");
    console.log(`\nReport: ${pages.html}\n        ${pages.markdown}`);
  }
  return summary;
}

/** Runs the steps in order, each shown live with its time and one line of result; the first failure ends the run. */
async function runSteps(list: readonly Step[], records: StepRecord[]): Promise<void> {
  const tasks = list.map(([title, action]) => ({
    title,
    task: async (_context: unknown, task: { title: string; output: string }): Promise<void> => {
      const started = performance.now();
      const seconds = () => (performance.now() - started) / 1000;
      try {
        const facts = await action(sparingly((text) => (task.output = `${text} (${elapsed(seconds() * 1000)})`)));
        records.push({ name: title, ok: true, seconds: seconds(), facts });
        const line = Object.entries(facts)
          .map(([name, value]) => `${name} ${value}`)
          .join(", ");
        task.title = `${title}  [${elapsed(seconds() * 1000)}]  ${line}`;
      } catch (error) {
        const text = error instanceof UserError ? `${error.message}\n${error.next}` : (error as Error).message;
        records.push({ name: title, ok: false, seconds: seconds(), facts: {}, error: text });
        throw error;
      }
    },
  }));
  await new Listr(tasks, {
    exitOnError: true,
    renderer: process.stdout.isTTY ? "default" : "simple",
    rendererOptions: { collapseErrors: false } as object,
  }).run();
}

/** A terminal shows one line that changes; a log would get a line for each change, so it gets one in five seconds. */
function sparingly(onProgress: OnProgress): OnProgress {
  if (process.stdout.isTTY) return onProgress;
  let last = performance.now();
  return (text) => {
    if (performance.now() - last < 5000) return;
    last = performance.now();
    onProgress(text);
  };
}

process.once("SIGINT", () => {
  void stopDaemon(stateDir).finally(() => process.exit(130));
});

/** Claims the checkout, then rehearses. */
async function run(): Promise<Summary> {
  const claim = claimRehearsal(join(projectDir, ".peregrine", "rehearsals"));
  process.once("exit", () => claim.release());
  return rehearse();
}

run().then(
  (summary) => {
    console.log(summary.ok ? `The rehearsal passed in ${elapsed(summary.seconds * 1000)}.` : "The rehearsal FAILED.");
    process.exitCode = summary.ok ? 0 : 1;
  },
  (error: unknown) => {
    console.error(
      `\nThe rehearsal failed: ${error instanceof UserError ? `${error.message}\n${error.next}` : ((error as Error).stack ?? String(error))}`,
    );
    process.exitCode = 1;
  },
);
