import { Roles } from "../../aws/iam-roles";
import { createKey, nameKey } from "../../aws/kms";
import { ObjectStore } from "../../aws/s3";
import type { AwsSession } from "../../aws/session";
import { takeRole } from "../../aws/sts";
import { CouldNotAsk } from "./answer";
import { probePath, probeTags } from "./naming";
import { type Pace, poller } from "./pace";
import type { ProgramDocuments, StandIns } from "./program";

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
  /**
   * The longest that the experiment takes: nothing is waited for any longer, since its price is the price of these
   * minutes.
   */
  readonly minutes: number;
  readonly pace: Pace;
  readonly note: (what: string) => void;
}

/** How services say that they cannot take a role, also one that was made a moment ago. */
export const roleIsNew = /assume(?!d-role)|role.*(not valid|invalid|does not exist)|not.*valid.*role/i;

/** What experiments work with: names and tags by which everything is found again, and time. */
export class Bench {
  readonly session: AwsSession;
  readonly accountId: string;
  readonly documents: ProgramDocuments;
  readonly tags = probeTags;
  readonly roles: Roles;
  /** Seconds since the experiment began. */
  private readonly age = this.watch();

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
    if (!this.options.model)
      throw new CouldNotAsk(
        "it needs a model package (--package), and the model package group of the environment holds none",
      );
    return this.options.model;
  }

  step(what: string): void {
    this.options.note(what);
  }

  /** A watch that starts now. @returns how to read it, seconds. */
  watch(): () => number {
    const began = performance.now();
    // Where a minute of an experiment is shorter than one of the wall clock, so are its seconds.
    return () => ((performance.now() - began) / 1000) * (60 / this.options.pace.minuteSeconds);
  }

  /** Asks until there is an answer. @returns undefined when the minutes are over, or those of the whole experiment. */
  until<Answer>(minutes: number, ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> {
    const left = Math.max(0, this.options.minutes - this.age() / 60);
    return poller(this.options.pace).until(Math.min(minutes, left), ask);
  }

  /**
   * Tries until it succeeds or fails for another reason than the given one: what IAM was told needs seconds to be known
   * everywhere.
   * @throws the last error.
   */
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
    return this.roles.create(
      this.name(service),
      service === "lambda" ? lambdaTrust : sagemakerTrust,
      policy(statements),
      this.tags,
    );
  }

  /**
   * A role of the program, with its trust policy, duties and boundary, about things of this experiment.
   * @param extra what the question needs beside: statements, and whether this account may take the role as well.
   */
  async programRole(
    role: string,
    standIns: StandIns,
    extra: { readonly statements?: readonly object[]; readonly taken?: boolean } = {},
  ): Promise<string> {
    const { trust, duties, boundary } = this.documents.roleOf(role, standIns);
    const trusted = extra.taken
      ? [...(JSON.parse(trust) as { Statement: object[] }).Statement, this.trustsAccount()]
      : undefined;
    this.step(`makes a role with the documents of ${role}`);
    return this.roles.create(
      this.name(role),
      trusted ? policy(trusted) : trust,
      policy([...duties, ...(extra.statements ?? [])]),
      this.tags,
      boundary,
    );
  }

  /** A session of a role that may do the given things and nothing else. */
  async sessionThatMay(name: string, statements: readonly object[]): Promise<AwsSession> {
    return this.sessionOf(
      await this.roles.create(this.name(name), policy([this.trustsAccount()]), policy(statements), this.tags),
    );
  }

  /** A session of a role that this account may take. */
  async sessionOf(roleArn: string): Promise<AwsSession> {
    const keys = await this.settled(2, /AccessDenied/, () =>
      takeRole(this.session, roleArn, { as: { sourceIdentity: undefined, sessionName: "probe" } }),
    );
    return { ...this.session, credentials: keys };
  }

  private trustsAccount(): object {
    return { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${this.accountId}:root` }, Action: "sts:AssumeRole" };
  }

  /** A key under a policy, with the name `key` of this experiment. @returns its ARN. */
  async key(keyPolicy: string): Promise<string> {
    const arn = await createKey(this.session, keyPolicy, this.tags);
    await nameKey(this.session, arn, this.name("key"));
    return arn;
  }

  /** A policy by which this account's IAM decides about a key. */
  get accountOwns(): string {
    return policy([
      { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${this.accountId}:root` }, Action: "kms:*", Resource: "*" },
    ]);
  }

  /** The name of this experiment's bucket; names of buckets are global. */
  get bucketName(): string {
    return `${this.options.prefix}-${this.accountId}`;
  }

  /** @param keyArn what its objects are encrypted with; S3's own key where it is left out. */
  async bucket(keyArn?: string): Promise<string> {
    const store = new ObjectStore(this.session);
    await store.createBucket(this.bucketName, this.session.region);
    if (keyArn) await store.encryptBucket(this.bucketName, keyArn);
    return this.bucketName;
  }

  /** What a container of a model or a job needs: its image, its data, its log. */
  containerRights(bucket?: string): object[] {
    const { modelDataUrl } = this.options.model ?? { modelDataUrl: undefined };
    const data = modelDataUrl ? [`arn:aws:s3:::${modelDataUrl.slice("s3://".length)}`] : [];
    return [
      {
        Effect: "Allow",
        Action: [
          "ecr:GetAuthorizationToken",
          "logs:CreateLogGroup",
          "logs:CreateLogStream",
          "logs:DescribeLogStreams",
          "logs:PutLogEvents",
          "cloudwatch:PutMetricData",
          "cloudwatch:DescribeAlarms",
        ],
        Resource: "*",
      },
      {
        Effect: "Allow",
        Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
        Resource: this.arn("ecr", "repository/*"),
      },
      {
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: "*",
        Condition: { StringEquals: { "kms:ViaService": `s3.${this.session.region}.amazonaws.com` } },
      },
      ...(data.length > 0 ? [{ Effect: "Allow", Action: "s3:GetObject", Resource: data }] : []),
      ...(bucket
        ? [
            {
              Effect: "Allow",
              Action: ["s3:PutObject", "s3:GetObject", "s3:ListBucket"],
              Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
            },
          ]
        : []),
    ];
  }
}

export function policy(statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** What lets EventBridge put messages of one rule into a queue. */
export function queueForRules(arn: string, ruleArns: string): string {
  return policy([
    {
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: arn,
      Condition: { ArnLike: { "aws:SourceArn": ruleArns } },
    },
  ]);
}
