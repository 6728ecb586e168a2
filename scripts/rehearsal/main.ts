import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { UserError } from "../../automation/errors";
import { daemonStatus, environmentOf, startDaemon, stopDaemon, usedRights } from "../commands/local";
import { datasetOf } from "../dataset";
import { usedByRole } from "../rights/used";
import { projectDir } from "../project";
import { elapsed } from "../terminal";
import { claimRehearsal } from "./claim";
import { RehearsalDashboard } from "./dashboard";
import { tellCostsApart } from "./bill";
import { Rehearsal } from "./rehearsal";
import { writeExecutiveReport } from "./report";
import * as steps from "./steps";
import { type Summary, writePages } from "./summary";
import * as life from "./life";
import { runSteps, type Step } from "./run-steps";

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
  const begin: Step[] = [
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
  ];
  const list = [
    ...begin,
    ...life.firstModel(rehearsal),
    ...(options.short ? [] : life.watchedModel(rehearsal)),
    ...life.seen(rehearsal),
    ...(options.short ? [] : life.records(rehearsal)),
  ];
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
