import { Builds } from "../../../aws/codebuild";
import { Rules } from "../../../aws/eventbridge";
import { Queues } from "../../../aws/sqs";
import { type Bench, policy, queueForRules, roleIsNew } from "../bench";
import { held, refuted, errorText } from "../answer";
import type { Experiment } from "../experiment";

/** How long a build of the experiment runs, and the longest that CodeBuild lets it, minutes. */
const build = { minutes: 2, longestMinutes: 5 };

/** A build by call and a build by rule while another one runs, where one may. */
export const buildLimit: Experiment = {
  name: "build-limit",
  question:
    "What does StartBuild answer while the project's limit of one is reached, and what becomes of an event whose rule starts a build then: is it tried again, when, or is it a dead letter, with which error?",
  believed:
    "StartBuild answers AccountLimitExceededException. EventBridge may lose the event: it does not start the second build, and at best the event is in the dead letters. So approvals go through a queue.",
  minutes: 30,
  // The first, the one by a call if it is taken after all, and the one by the second event.
  costs: [{ key: "codebuild.BUILD_GENERAL1_SMALL", units: 3 * build.longestMinutes }],
  async ask(bench) {
    const builds = new Builds(bench.session);
    const project = bench.name("project");
    const { source, deadLetter } = await ruleThatBuilds(bench, project);
    const rules = new Rules(bench.session);
    const first = await bench.settled(2, /NO_PERMISSIONS|assume(?!d-role)/i, async () => {
      bench.step("sends the first event");
      await rules.put(source, "probe", { number: 1 });
      const running = await bench.until(5, async () => {
        const letter = await deadLetter();
        if (letter !== undefined) throw new Error(`the first event is a dead letter: ${letter}`);
        return (await builds.of(project)).find(({ buildStatus }) => buildStatus === "IN_PROGRESS")?.id;
      });
      if (!running)
        throw new Error(
          `the first event started no build within 5 minutes: ${(await builds.of(project)).map(({ buildStatus }) => buildStatus).join() || "none"}`,
        );
      return running;
    });
    const byCall = await builds
      .start(project, {}, bench.name("call"))
      .then(() => "StartBuild was taken, the build waits", errorText);
    const before = (await builds.of(project)).length;
    await rules.put(source, "probe", { number: 2 });
    bench.step(`called StartBuild (${byCall}), and sent the second event, while the first build runs`);
    const watch = bench.watch();
    const seen = await bench.until(15, async () => {
      const started = (await builds.of(project)).length > before;
      const letter = await deadLetter();
      return started || letter !== undefined ? { letter, seconds: watch() } : undefined;
    });
    const when = `${(seen?.seconds ?? watch()).toFixed(0)} s after the event, ${(await stillRuns(builds, first)) ? "while the first build ran" : "after the first build had ended"}`;
    const byRule =
      seen === undefined
        ? "no build and no dead letter within 15 minutes"
        : seen.letter === undefined
          ? `a second build, ${when}`
          : `a dead letter, ${when}: ${seen.letter}`;
    const words = `by call: ${byCall}; by rule: ${byRule}`;
    return /^AccountLimitExceededException/.test(byCall) && (seen === undefined || seen.letter !== undefined)
      ? held(words)
      : refuted(words);
  },
};

/**
 * A project of one build at a time, and a rule that starts one for each event of a source; what it cannot deliver is
 * kept.
 */
async function ruleThatBuilds(
  bench: Bench,
  project: string,
): Promise<{ readonly source: string; readonly deadLetter: () => Promise<string | undefined> }> {
  const trust = (service: string) =>
    policy([{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }]);
  const buildRole = await bench.roles.create(
    bench.name("builds"),
    trust("codebuild.amazonaws.com"),
    policy([
      { Effect: "Allow", Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" },
    ]),
    bench.tags,
  );
  const buildspec = `version: 0.2\nphases:\n  build:\n    commands:\n      - sleep ${build.minutes * 60}\n`;
  const projectArn = await bench.settled(2, roleIsNew, () =>
    new Builds(bench.session).create(project, buildRole, buildspec, build.longestMinutes, bench.tags),
  );
  const startRole = await bench.roles.create(
    bench.name("starts"),
    trust("events.amazonaws.com"),
    policy([{ Effect: "Allow", Action: "codebuild:StartBuild", Resource: projectArn }]),
    bench.tags,
  );
  const queues = new Queues(bench.session);
  const dead = await queues.create(bench.name("dead"), bench.tags, (arn) =>
    queueForRules(arn, bench.arn("events", `rule/${bench.name("rule")}`)),
  );
  const source = bench.name("source");
  bench.step("makes a rule that starts a build for each event, with dead letters and one hour of retries");
  const target = {
    Arn: projectArn,
    RoleArn: startRole,
    DeadLetterConfig: { Arn: dead.arn },
    RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 185 },
  };
  await bench.settled(2, roleIsNew, () =>
    new Rules(bench.session).create(bench.name("rule"), { source: [source] }, target, bench.tags),
  );
  return {
    source,
    deadLetter: async () => ((letter) => letter && inWords(letter.attributes))((await queues.take(dead.url))[0]),
  };
}

/** How EventBridge says why it gave up: an error code, its words, and how often it tried. */
function inWords({
  ERROR_CODE,
  ERROR_MESSAGE,
  RETRY_ATTEMPTS,
  EXHAUSTED_RETRY_CONDITION,
}: Readonly<Record<string, string>>): string {
  return `${ERROR_CODE} after ${RETRY_ATTEMPTS} retries (${EXHAUSTED_RETRY_CONDITION}): ${ERROR_MESSAGE}`;
}

async function stillRuns(builds: Builds, id: string): Promise<boolean> {
  return (await builds.status(id)) === "IN_PROGRESS";
}
