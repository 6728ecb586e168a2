import { releaseHandlers } from "../contract/variables";
import { keyAliases } from "../contract/keys";
import {
  artifactsBucket,
  detectorName,
  environmentPath,
  environmentTags,
  imageRepository,
  ledgerHeadParameter,
  logHeadParameter,
  releaseParameter,
} from "../contract/names";
import { retrainingQueue } from "../contract/monitoring";
import { approvalQueue, requestQueue } from "../contract/release-request";
import { Names } from "./naming";
import { Arns } from "./arns";
import { type Settings } from "./settings/settings";
import { type EnvironmentName, environments, trialEnvironment } from "../contract/environments";

/** Where an environment lives, as AWS tells it. */
export interface Place {
  readonly accountId: string;
  readonly partition: string;
}

/**
 * All that is known about an environment before anything of it exists: settings, names and the ARNs that follow from
 * them. Policies and definitions are written from it, so that a first preview already shows them in full.
 */
export class Scope {
  readonly names: Names;
  readonly arns: Arns;

  constructor(
    readonly settings: Settings,
    readonly place: Place,
  ) {
    this.names = new Names(settings.environment);
    this.arns = new Arns(place.partition, settings.region, place.accountId);
  }

  get environment(): EnvironmentName {
    return this.settings.environment;
  }

  /**
   * Names and ARNs of another environment of the account; its settings are its own stack's matter and not those found
   * here.
   */
  sibling(environment: EnvironmentName): Scope {
    return new Scope({ ...this.settings, environment }, this.place);
  }

  get otherEnvironments(): EnvironmentName[] {
    return environments.filter((name) => name !== this.environment);
  }

  /** On every resource, and repeated where jobs start, since a provider's default tags do not reach those. */
  get tags(): Record<string, string> {
    return Scope.tagsOf(this.settings);
  }

  static tagsOf({ environment, owner, costCenter }: Settings): Record<string, string> {
    return { ...environmentTags(environment), owner, "cost-center": costCenter, "managed-by": "pulumi" };
  }

  /** The CodeBuild project that releases approved packages. */
  get releaseProject(): string {
    return this.names.of("buildProject", "release");
  }

  /** Whether the pipeline tries each candidate in staging before anybody decides about it. */
  get triesInStaging(): boolean {
    return this.settings.delivery.targets.includes(trialEnvironment);
  }

  /** Where the pipeline asks for such trials. */
  get trialQueue(): string {
    return this.names.of("queue", "trials");
  }

  /**
   * How the jobs of a pipeline's step begin; SageMaker adds the execution and a token. Without a name in the step they
   * would be called `pipelines-...` in every environment, and neither IAM nor events could tell whose they are.
   */
  jobPrefix(step: string): string {
    return this.names.of("jobPrefix", "run", step);
  }

  /** ARNs of the jobs of this environment's pipelines. */
  get pipelineJobs(): string[] {
    return ["training-job", "processing-job"].map((type) => this.arns.sagemaker(`${type}/${this.names.prefix}-run-*`));
  }

  /** Functions that start release builds, end trials, and put right what was changed. */
  get releaseFunctions(): string[] {
    return [...releaseHandlers, "heal"].map((handler) => this.names.of("function", handler));
  }

  /** Every queue by which somebody asks for a release: one per environment, all of them the registry's. */
  get releaseQueues(): string {
    return requestQueue("*");
  }

  /** Where this registry's approvals wait for their release build. */
  get approvalQueue(): string {
    return approvalQueue(this.environment);
  }

  /** Where this environment's ML engineers ask for a release or a rollback. */
  get requestQueue(): string {
    return requestQueue(this.environment);
  }

  /** Bucket names are global, hence the account id. */
  get artifactsBucket(): string {
    return artifactsBucket(this.environment, this.place.accountId);
  }

  get endpointName(): string {
    return detectorName(this.environment);
  }

  get modelPackageGroup(): string {
    return detectorName(this.environment);
  }

  get pipelineName(): string {
    return this.names.of("pipeline", "training");
  }

  /** The pipeline that monitors the endpoint, where we run that ourselves. */
  get monitoringPipeline(): string {
    return this.names.of("pipeline", "monitoring");
  }

  /** Whether proposals to retrain are decided here. */
  get retrainsHere(): boolean {
    return this.settings.retraining.in === this.environment;
  }

  /** Where proposals to retrain wait for their decision. */
  get retrainingQueue(): string {
    return retrainingQueue(this.environment);
  }

  /** The CodeBuild project that builds the container image. */
  get imageProject(): string {
    return this.names.of("buildProject", "image");
  }

  get keyAlias(): string {
    return keyAliases(this.environment).data;
  }

  /**
   * Alias of the key that encrypts the secrets in the stack's state (`pulumi stack init --secrets-provider
   * awskms://alias/...`); each stack has one of its own.
   */
  get stateKeyAlias(): string {
    return keyAliases(this.environment).state;
  }

  /** Of the key that decisions about model packages are signed with. */
  get approvalKeyAlias(): string {
    return keyAliases(this.environment).approvals;
  }

  /** Of the key that the log's checkpoints are signed with. */
  get logKeyAlias(): string {
    return keyAliases(this.environment).log;
  }

  get accessLogsBucket(): string {
    return this.names.of("bucket", "access-logs", this.place.accountId);
  }

  /** The audit bucket outlives stacks, so its name ends in random characters: this is what all such names match. */
  get auditBucketPattern(): string {
    return `${this.names.of("bucket", "audit", this.place.accountId)}-*`;
  }

  get auditKeyAlias(): string {
    return keyAliases(this.environment).audit;
  }

  get trailName(): string {
    return this.names.of("trail", "trail");
  }

  /** Where the trail's log files wait to be recorded. */
  get trailFilesQueue(): string {
    return this.names.of("queue", "trail-files");
  }

  get trailLogGroup(): string {
    return `${environmentPath(this.environment)}trail`;
  }

  get networkLogGroup(): string {
    return `${environmentPath(this.environment)}network`;
  }

  /** Events that could not be delivered. */
  get deadLetterQueue(): string {
    return this.names.of("queue", "dead-letters");
  }

  /** Whether alerts that nobody acknowledges are told to somebody else. */
  get escalates(): boolean {
    return this.settings.escalation.levels.length > 0;
  }

  /** The policy that a spent budget attaches to the launching roles. */
  get stopPolicyArn(): string {
    return this.arns.policy(this.rolePath, this.names.of("policy", "stop-launches"));
  }

  /** Path of the environment's roles; a PassRole or a trust can be limited to it. */
  get rolePath(): string {
    return environmentPath(this.environment);
  }

  roleName(role: string): string {
    return this.names.of("role", role);
  }

  roleArn(role: string): string {
    return this.arns.role(this.rolePath, this.roleName(role));
  }

  get boundaryArn(): string {
    return this.arns.policy(this.rolePath, this.names.of("policy", "boundary"));
  }

  get imageRepository(): string {
    return imageRepository;
  }

  /** Account of the image's repository. */
  get imageAccount(): string {
    return this.settings.accounts.image ?? this.place.accountId;
  }

  get imageUri(): string {
    const suffix = this.place.partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
    return `${this.imageAccount}.dkr.ecr.${this.settings.region}.${suffix}/${this.imageRepository}:${this.settings.image.tag}`;
  }

  /** Parameters under this path belong to the environment; only automation writes them. */
  get parameterPath(): string {
    return environmentPath(this.environment);
  }

  get releaseParameter(): string {
    return releaseParameter(this.environment);
  }

  /** Where automation notes how long the ledger is, and its last hash. */
  get ledgerHeadParameter(): string {
    return ledgerHeadParameter(this.environment);
  }

  /** Where automation notes the newest checkpoint of the log. */
  get logHeadParameter(): string {
    return logHeadParameter(this.environment);
  }
}
