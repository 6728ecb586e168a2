import { Roles } from "../../aws/iam-roles";
import { ObjectStore } from "../../aws/s3";
import type { AwsSession } from "../../aws/session";
import { takeRole } from "../../aws/sts";
import { patiently } from "../patience";
import { CouldNotAsk } from "./experiment";
import { probePath, probeTags } from "./naming";

/** Documents that the program renders for an account: the questions are about these, not about documents like them. */
export interface ProgramDocuments {
  /** Of an environment's key. */
  readonly keyPolicy: string;
  readonly lambdaTrust: string;
  readonly sagemakerTrust: string;
  /** Driver of a GPU endpoint, as the program configures its variant. */
  readonly inferenceAmiVersion: string;
}

/** What a model package would serve. */
export interface PackagedModel {
  readonly image: string;
  readonly modelDataUrl: string;
}

export interface BenchOptions {
  readonly session: AwsSession;
  readonly accountId: string;
  /** Start of all names of this experiment. */
  readonly prefix: string;
  readonly documents: ProgramDocuments;
  /** Undefined where the account has no model package yet. */
  readonly model: PackagedModel | undefined;
  readonly pace: Pace;
  readonly note: (what: string) => void;
}

/** How time passes: seconds between two looks, and real seconds in a minute of an experiment. */
export interface Pace {
  readonly lookSeconds: number;
  readonly minuteSeconds: number;
}

export const realPace: Pace = { lookSeconds: 5, minuteSeconds: 60 };

export interface Patience {
  until<Seen>(minutes: number, look: () => Promise<Seen | undefined>): Promise<Seen | undefined>;
}

/** Looks until there is something to see, or the minutes are over. */
export function patience({ lookSeconds, minuteSeconds }: Pace): Patience {
  const lookMs = lookSeconds * 1000;
  return { until: (minutes, look) => patiently(look, (seen) => seen !== undefined, minutes * minuteSeconds * 1000, undefined, { firstMs: lookMs, longestMs: lookMs }) };
}

/** What experiments work with: names and tags by which everything is found again, and patience. */
export class Bench {
  readonly session: AwsSession;
  readonly accountId: string;
  readonly documents: ProgramDocuments;
  readonly tags = probeTags;
  readonly roles: Roles;

  constructor(private readonly options: BenchOptions) {
    this.session = options.session;
    this.accountId = options.accountId;
    this.documents = options.documents;
    this.roles = new Roles(options.session, probePath);
  }

  /** A name of this experiment. */
  name(what = "x"): string {
    return `${this.options.prefix}-${what}`;
  }

  arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.session.region}:${this.accountId}:${resource}`;
  }

  /** @throws CouldNotAsk where there is no model package to serve. */
  get model(): PackagedModel {
    if (!this.options.model) throw new CouldNotAsk("it needs a model package (--package), and the model package group of the environment holds none");
    return this.options.model;
  }

  step(what: string): void {
    this.options.note(what);
  }

  /** Looks until there is something to see. @returns undefined when the minutes are over. */
  until<Seen>(minutes: number, look: () => Promise<Seen | undefined>): Promise<Seen | undefined> {
    return patience(this.options.pace).until(minutes, look);
  }

  /** Tries until it succeeds or fails for another reason than the given one: what IAM was told needs seconds to be known everywhere. @throws the last error. */
  async settled<Done>(minutes: number, notYet: RegExp, act: () => Promise<Done>): Promise<Done> {
    let last: unknown;
    const done = await this.until(minutes, async () => {
      try {
        return { value: await act() };
      } catch (error) {
        if (!notYet.test(`${(error as Error).name}: ${(error as Error).message}`)) throw error;
        last = error;
        return undefined;
      }
    });
    if (!done) throw last;
    return done.value;
  }

  /** A role for a service, under the program's own trust policy. */
  async serviceRole(service: "sagemaker" | "lambda", statements: readonly object[]): Promise<string> {
    const { sagemakerTrust, lambdaTrust } = this.documents;
    this.step(`makes a role that ${service} takes under the program's trust policy`);
    return this.roles.create(this.name(service), service === "lambda" ? lambdaTrust : sagemakerTrust, policy(statements), this.tags);
  }

  /** A session of a role that may do the given things and nothing else. */
  async sessionThatMay(name: string, statements: readonly object[]): Promise<AwsSession> {
    const trust = policy([{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${this.accountId}:root` }, Action: "sts:AssumeRole" }]);
    const arn = await this.roles.create(this.name(name), trust, policy(statements), this.tags);
    const keys = await this.settled(2, /AccessDenied/, () => takeRole(this.session, arn, { as: { sourceIdentity: undefined, sessionName: "probe" } }));
    return { ...this.session, credentials: keys };
  }

  /** A bucket of this experiment; names of buckets are global. */
  async bucket(): Promise<string> {
    const name = `${this.options.prefix}-${this.accountId}`;
    await new ObjectStore(this.session).createBucket(name, this.session.region);
    return name;
  }

  /** What a container of a model or a job needs: its image, its data, its log. */
  containerRights(bucket?: string): object[] {
    const { modelDataUrl } = this.options.model ?? { modelDataUrl: undefined };
    const data = modelDataUrl ? [`arn:aws:s3:::${modelDataUrl.slice("s3://".length)}`] : [];
    return [
      { Effect: "Allow", Action: ["ecr:GetAuthorizationToken", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents", "cloudwatch:PutMetricData", "cloudwatch:DescribeAlarms"], Resource: "*" },
      { Effect: "Allow", Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"], Resource: this.arn("ecr", "repository/*") },
      { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: "*", Condition: { StringEquals: { "kms:ViaService": `s3.${this.session.region}.amazonaws.com` } } },
      ...(data.length > 0 ? [{ Effect: "Allow", Action: "s3:GetObject", Resource: data }] : []),
      ...(bucket ? [{ Effect: "Allow", Action: ["s3:PutObject", "s3:GetObject", "s3:ListBucket"], Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`] }] : []),
    ];
  }
}

export function policy(statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** What lets EventBridge put messages of one rule into a queue. */
export function queueForRules(arn: string, ruleArns: string): string {
  return policy([{ Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sqs:SendMessage", Resource: arn, Condition: { ArnLike: { "aws:SourceArn": ruleArns } } }]);
}
