/** ARNs of one account and region, from names. SageMaker writes names in lower case in its ARNs. */
export class Arns {
  constructor(
    private readonly partition: string,
    private readonly region: string,
    private readonly accountId: string,
  ) {}

  get accountRoot(): string {
    return this.rootOf(this.accountId);
  }

  /** The root of an account, which stands for whatever its IAM policies allow. */
  rootOf(accountId: string): string {
    return `arn:${this.partition}:iam::${accountId}:root`;
  }

  bucket(name: string): string {
    return `arn:${this.partition}:s3:::${name}`;
  }

  /** @param key object key or a pattern of keys. */
  object(bucket: string, key: string): string {
    return `${this.bucket(bucket)}/${key}`;
  }

  role(path: string, name: string): string {
    return `arn:${this.partition}:iam::${this.accountId}:role${path}${name}`;
  }

  /** Roles under a path, of whatever account. */
  rolesAnywhere(path: string): string {
    return `arn:${this.partition}:iam::*:role${path}*`;
  }

  policy(path: string, name: string): string {
    return `arn:${this.partition}:iam::${this.accountId}:policy${path}${name}`;
  }

  /** @param resource for example `endpoint/peregrine-dev-detector`, or a pattern. */
  sagemaker(resource: string): string {
    return this.regional("sagemaker", resource.toLowerCase());
  }

  logGroup(name: string): string {
    return this.regional("logs", `log-group:${name}`);
  }

  lambda(name: string): string {
    return this.regional("lambda", `function:${name}`);
  }

  /** What a function takes its messages from. @param id the service's own. */
  eventSource(id: string): string {
    return this.regional("lambda", `event-source-mapping:${id}`);
  }

  /** @param accountId whose repository it is. */
  repository(name: string, accountId = this.accountId): string {
    return `arn:${this.partition}:ecr:${this.region}:${accountId}:repository/${name}`;
  }

  topic(name: string): string {
    return this.regional("sns", name);
  }

  queue(name: string): string {
    return this.regional("sqs", name);
  }

  eventRule(name: string): string {
    return this.regional("events", `rule/${name}`);
  }

  /** @param resource for example `rule/peregrine-dev-retrain` or `event-bus/peregrine-dev`. */
  events(resource: string): string {
    return this.regional("events", resource);
  }

  /** @param resource for example `schedule/peregrine-dev/nightly`. */
  scheduler(resource: string): string {
    return this.regional("scheduler", resource);
  }

  trail(name: string): string {
    return this.regional("cloudtrail", `trail/${name}`);
  }

  /** Budgets are global: their ARNs have no region. */
  budget(name: string): string {
    return `arn:${this.partition}:budgets::${this.accountId}:budget/${name}`;
  }

  /** @param resource for example `subnet/*`. */
  ec2(resource: string): string {
    return this.regional("ec2", resource);
  }

  alarm(name: string): string {
    return this.regional("cloudwatch", `alarm:${name}`);
  }

  /** Dashboards are global: their ARNs have no region. */
  dashboard(name: string): string {
    return `arn:${this.partition}:cloudwatch::${this.accountId}:dashboard/${name}`;
  }

  /** Scalable targets get ids of the service's own. */
  get scalableTargets(): string {
    return this.regional("application-autoscaling", "scalable-target/*");
  }

  buildProject(name: string): string {
    return this.regional("codebuild", `project/${name}`);
  }

  key(id: string): string {
    return this.regional("kms", `key/${id}`);
  }

  /** @param alias with its `alias/`. */
  keyAlias(alias: string): string {
    return this.regional("kms", alias);
  }

  /** @param name with its leading slash. */
  parameter(name: string): string {
    return this.regional("ssm", `parameter${name}`);
  }

  private regional(service: string, resource: string): string {
    return `arn:${this.partition}:${service}:${this.region}:${this.accountId}:${resource}`;
  }
}
