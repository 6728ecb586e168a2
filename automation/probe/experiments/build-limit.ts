import { Builds } from "../../../aws/codebuild";
import { Rules } from "../../../aws/eventbridge";
import { Queues } from "../../../aws/sqs";
import { policy, queueForRules } from "../bench";
import { type Experiment, held, refuted } from "../experiment";

/** Two events, one build at a time. */
export const buildLimit: Experiment = {
  name: "build-limit",
  question: "What becomes of an event whose rule starts a build while the project's limit of one is reached?",
  believed: "A rule may lose it: EventBridge does not start the second build, and at best the event is in the dead letters. So approvals go through a queue.",
  minutes: 20,
  costs: [{ key: "codebuild.BUILD_GENERAL1_SMALL", units: 20 }],
  async ask(bench) {
    const builds = new Builds(bench.session);
    const trust = (service: string) => policy([{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }]);
    const buildRole = await bench.roles.create(bench.name("builds"), trust("codebuild.amazonaws.com"), policy([{ Effect: "Allow", Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" }]), bench.tags);
    const project = bench.name("project");
    const buildspec = "version: 0.2\nphases:\n  build:\n    commands:\n      - sleep 60\n";
    const projectArn = await bench.settled(2, /assume|not authorized|role/i, () => builds.create(project, buildRole, buildspec, bench.tags));
    const startRole = await bench.roles.create(bench.name("starts"), trust("events.amazonaws.com"), policy([{ Effect: "Allow", Action: "codebuild:StartBuild", Resource: projectArn }]), bench.tags);
    const dead = await new Queues(bench.session).create(bench.name("dead"), bench.tags, (arn) => queueForRules(arn, bench.arn("events", `rule/${bench.name("rule")}`)));
    const rules = new Rules(bench.session);
    const source = bench.name("source");
    bench.step("makes a rule that starts a build for each event, with dead letters and one hour of retries");
    await bench.settled(2, /assume|role/i, () => rules.create(bench.name("rule"), { source: [source] }, { Arn: projectArn, RoleArn: startRole, DeadLetterConfig: { Arn: dead.arn }, RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 185 } }, bench.tags));
    await rules.put(source, "probe", { number: 1 });
    await rules.put(source, "probe", { number: 2 });
    bench.step("sent two events at once");
    const seen = await bench.until(12, async () => {
      const started = (await builds.of(project)).length;
      const letters = await new Queues(bench.session).receive(dead.url);
      return started >= 2 || letters.length > 0 ? { started, letters } : undefined;
    });
    if (!seen) return held(`after 12 minutes one build was started, no dead letter: ${(await builds.of(project)).length} builds`);
    return seen.started >= 2 ? refuted(`${seen.started} builds were started: the second event waited or was tried again`) : held(`one build was started, the other event is a dead letter: ${seen.letters[0]!.slice(0, 300)}`);
  },
};
