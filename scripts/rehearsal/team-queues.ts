import { alertTopic, environmentTags, namePrefix } from "../../contract/names";
import type { EnvironmentName } from "../../contract/environments";
import { Queues } from "../../aws/sqs";
import { Notifications } from "../../aws/sns";
import type { Environment } from "../../automation/stack/environment";

/** The team that answers for models and endpoints in production (`peregrine:alertRoutes` of prod). */
const ownTeam = "detectors";

/** An alert as a team's queue got it. */
export interface Heard {
  /** What the topic's subscriber reads. */
  readonly text: string;
  /** When SNS took it, ISO 8601, service time. */
  readonly at: string;
}

/** A real queue that listens to a topic of alerts, as a team's own tool would. */
export class TeamQueue {
  private readonly heard: Heard[] = [];

  private constructor(
    private readonly queues: Queues,
    private readonly url: string,
    private readonly unsubscribe: () => Promise<void>,
  ) {}

  /** @param suffix last part of the topic's name: a severity, or a team and a severity. */
  static async subscribe({ name, session }: Environment, topicArn: string, suffix: string): Promise<TeamQueue> {
    const queues = new Queues(session);
    const topics = new Notifications(session);
    const { url, arn } = await queues.create(`${namePrefix(name)}-heard-${suffix}`, tagsOf(name), (queueArn) =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "sns.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: queueArn,
            Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
          },
        ],
      }),
    );
    const subscription = await topics.subscribe(topicArn, "sqs", arn);
    return new TeamQueue(queues, url, () => topics.unsubscribe(subscription));
  }

  /** All that was heard so far, oldest first. */
  async all(): Promise<readonly Heard[]> {
    for (let batch = await this.queues.take(this.url); batch.length > 0; batch = await this.queues.take(this.url))
      for (const { body } of batch) {
        const { Message, Timestamp } = JSON.parse(body) as { Message: string; Timestamp: string };
        this.heard.push({ text: Message, at: Timestamp });
      }
    return this.heard;
  }

  async remove(): Promise<void> {
    await this.unsubscribe();
    await this.queues.delete(this.url);
  }
}

/** What listens to production's alerts while the rehearsal watches it. */
export interface Listening {
  /** The team that answers for models. */
  readonly team: TeamQueue;
  /** The same team, at any hour. */
  readonly teamAtOnce: TeamQueue;
  /** Who answers for the platform, and must not be paged for a model. */
  readonly platform: TeamQueue;
}

export async function listen(prod: Environment): Promise<Listening> {
  const topic = async (suffix: string) =>
    TeamQueue.subscribe(prod, await topicArn(prod, alertTopic(prod.name, suffix)), suffix);
  const [team, teamAtOnce, platform] = await Promise.all([
    topic(`${ownTeam}-warning`),
    topic(`${ownTeam}-critical`),
    topic("warning"),
  ]);
  return { team, teamAtOnce, platform };
}

/** A topic beside those that the outputs name. */
async function topicArn(environment: Environment, name: string): Promise<string> {
  const { alertTopicArns } = await environment.outputs();
  return alertTopicArns.warning.replace(/[^:]+$/, name);
}

function tagsOf(environment: EnvironmentName): Record<string, string> {
  return { ...environmentTags(environment), purpose: "rehearsal" };
}
