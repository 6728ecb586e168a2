import { isDoor } from "../../contract/front-door";
import { amount, times } from "../amounts";
import { type Inputs, optional } from "../inputs";
import { runsPerMonth } from "../schedule";
import type { Part, Pricer, World } from "../pricer";
import { clusterPart } from "./jobs";
import { isOn } from "./scheduled";

/** Topics, queues, events, schedules, functions and builds. */
export const messages: Readonly<Record<string, Pricer>> = {
  "aws:sns/topic:Topic": (_inputs, { prices, assume }) => [
    times(assume.notificationsPerMonth, "messages", prices.usd("sns.request")),
  ],
  "aws:sns/topicSubscription:TopicSubscription": (inputs, { prices, assume }) =>
    inputs.text("protocol").startsWith("email")
      ? [times(assume.notificationsPerMonth, "mails", prices.usd("sns.email"))]
      : [{ usd: 0, how: "delivery to AWS services has no charge" }],
  "aws:sqs/queue:Queue": (_inputs, { prices, assume }) => [
    times(assume.queueRequestsPerMonth, "requests", prices.usd("sqs.request")),
  ],
  "aws:cloudwatch/eventBus:EventBus": (_inputs, { prices, assume }) => [
    times(assume.busEventsPerMonth, "custom events", prices.usd("events.custom")),
  ],
  "aws:cloudwatch/eventArchive:EventArchive": (_inputs, { prices, assume }) => [
    times(assume.archiveGB, "GB archived a month", prices.usd("events.archived")),
    times(assume.archiveGB, "GB stored", prices.usd("events.archive-storage")),
  ],
  "aws:scheduler/schedule:Schedule": (inputs, world) => {
    if (!isOn(inputs)) return [{ usd: 0, how: "switched off" }];
    const runs = runsPerMonth(inputs.text("scheduleExpression"), world.assume.hoursPerMonth);
    return [times(runs, "invocations", world.prices.usd("scheduler.invocation")), ...startedJob(inputs, runs, world)];
  },
  "aws:lambda/function:Function": (inputs, { prices, assume }) => {
    const architecture = inputs.texts("architectures")[0] ?? "x86_64";
    const megabytes = inputs.number("memorySize", 128);
    const [calls, each] = isDoor(optional(() => inputs.optionalText("name")))
      ? [assume.requestsPerMonth, assume.doorSeconds]
      : [assume.functionCallsPerMonth, assume.functionSeconds];
    const seconds = calls * each;
    const compute = times(
      (seconds * megabytes) / 1024,
      `GB-seconds on ${architecture}`,
      prices.usd(`lambda.compute-${architecture}`),
    );
    return [
      times(calls, "calls", prices.usd("lambda.request")),
      { ...compute, how: `${compute.how} (${amount(seconds)} s x ${megabytes} MB)` },
    ];
  },
  "aws:codebuild/project:Project": (inputs, { prices, assume }) => {
    const type = inputs.object("environment").text("computeType");
    return [
      times(
        assume.buildsPerMonth * assume.buildMinutes,
        `minutes on ${type} (${assume.buildsPerMonth} builds a month)`,
        prices.usd(`codebuild.${type}`),
      ),
    ];
  },
};

/** A schedule that starts a processing job (our own monitor) pays for the job. */
function startedJob(inputs: Inputs, runs: number, world: World): Part[] {
  const target = inputs.object("target");
  // The ARN of what is still to come may be unknown; that of an AWS operation is always known.
  if (!/sagemaker:createProcessingJob$/i.test(optional(() => target.optionalText("arn")) ?? "")) return [];
  const { ProcessingResources: resources } = JSON.parse(target.text("input")) as {
    ProcessingResources: { ClusterConfig: Record<string, unknown> };
  };
  return [
    clusterPart(
      {
        name: "monitor",
        component: "processing",
        cluster: resources.ClusterConfig,
        runs,
        hours: world.assume.monitoringMinutesPerRun / 60,
      },
      world,
    ),
  ];
}
