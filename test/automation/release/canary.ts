import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  type DescribeEndpointOutput,
  SageMakerClient,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import { SageMaker } from "../../../aws/sagemaker";
import type { AwsSession } from "../../../aws/session";
import { endpointSteady } from "../../../automation/release/verify-live";
import type { rolloutAlarms } from "../../../infra/serving/alarms";
import type { LocalCloud } from "../../../local/server";
import { enter, sdkConfig, startTestCloud } from "../../local/support";

export const [endpoint, variant, account] = ["detector", "champion", "111122223333"];

interface CanaryArgs {
  readonly speed: number;
  /** What its containers run. */
  readonly program: string;
  /** Environments of the containers, by their releases' names. */
  readonly releases: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Those of the program that each release has. */
  readonly alarms: ReturnType<typeof rolloutAlarms>;
  /** For the settings by which the cloud is reached. */
  readonly folder: string;
}

/** An endpoint on a local cloud, of real processes, that is updated by canary as a release does. */
export class CanaryEndpoint {
  private readonly sagemaker: SageMakerClient;
  private readonly cloudwatch: CloudWatchClient;

  private constructor(
    readonly local: LocalCloud,
    readonly session: AwsSession,
    private readonly leave: () => void,
    private readonly alarms: ReturnType<typeof rolloutAlarms>,
  ) {
    this.sagemaker = new SageMakerClient(sdkConfig(local));
    this.cloudwatch = new CloudWatchClient(sdkConfig(local));
  }

  /** Starts it with the first release. */
  static async start({ speed, program, releases, alarms, folder }: CanaryArgs): Promise<CanaryEndpoint> {
    const local = await startTestCloud({ speed, images: { detector: { entrypoint: [process.execPath, program] } } });
    const session = { profile: "ab", region: local.cloud.region };
    const canary = new CanaryEndpoint(local, session, enter(local, folder), alarms);
    await canary.makeRole();
    for (const [name, environment] of Object.entries(releases)) await canary.makeRelease(name, environment);
    const [first] = Object.keys(releases);
    await canary.sagemaker.send(new CreateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: first }));
    await canary.steady();
    return canary;
  }

  async stop(): Promise<void> {
    this.leave();
    await this.local.stop();
  }

  /** Updates as a release does. @returns the endpoint when that is over. */
  async update(
    release: string,
    { canarySeconds, terminationSeconds }: { readonly canarySeconds: number; readonly terminationSeconds: number },
  ): Promise<DescribeEndpointOutput | undefined> {
    await this.sagemaker.send(
      new UpdateEndpointCommand({
        EndpointName: endpoint,
        EndpointConfigName: release,
        DeploymentConfig: {
          BlueGreenUpdatePolicy: {
            TrafficRoutingConfiguration: {
              Type: "CANARY",
              WaitIntervalInSeconds: canarySeconds,
              CanarySize: { Type: "CAPACITY_PERCENT", Value: 50 },
            },
            TerminationWaitInSeconds: terminationSeconds,
          },
          AutoRollbackConfiguration: { Alarms: this.alarmsOf(release).map(([, AlarmName]) => ({ AlarmName })) },
        },
      }),
    );
    return this.steady();
  }

  /** What the program calls the alarms of a release, and what they are called here. */
  alarmsOf(release: string): [kind: string, name: string][] {
    return Object.keys(this.alarms).map((kind) => [kind, `${kind}-${release}`]);
  }

  private steady(): Promise<DescribeEndpointOutput | undefined> {
    return endpointSteady(new SageMaker(this.session), endpoint, () => undefined);
  }

  private async makeRole(): Promise<void> {
    const iam = new IAMClient(sdkConfig(this.local));
    const document = (statement: object) =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
    const trust = { Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" };
    await iam.send(new CreateRoleCommand({ RoleName: "execution", AssumeRolePolicyDocument: document(trust) }));
    const duties = {
      Action: ["cloudwatch:DescribeAlarms", "cloudwatch:PutMetricData", "ecr:*", "logs:*"],
      Resource: "*",
    };
    await iam.send(
      new PutRolePolicyCommand({ RoleName: "execution", PolicyName: "duties", PolicyDocument: document(duties) }),
    );
  }

  private async makeRelease(name: string, environment: Readonly<Record<string, string>>): Promise<void> {
    await this.sagemaker.send(
      new CreateModelCommand({
        ModelName: name,
        ExecutionRoleArn: `arn:aws:iam::${account}:role/execution`,
        PrimaryContainer: {
          Image: `${account}.dkr.ecr.eu-central-1.amazonaws.com/detector:1`,
          Environment: environment,
        },
      }),
    );
    const one = {
      VariantName: variant,
      ModelName: name,
      InstanceType: "ml.c6i.large",
      InitialInstanceCount: 2,
    } as const;
    await this.sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants: [one] }));
    for (const [kind, alarm] of this.alarmsOf(name)) await this.putAlarm(kind, alarm, name);
  }

  private async putAlarm(kind: string, alarm: string, config: string): Promise<void> {
    const { namespace, metricName, statistic, extendedStatistic, ...when } = this.alarms[kind]!;
    const Dimensions = Object.entries({ EndpointName: endpoint, VariantName: variant, EndpointConfigName: config }).map(
      ([Name, Value]) => ({ Name, Value }),
    );
    await this.cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: alarm,
        Namespace: namespace,
        MetricName: metricName,
        ...(statistic ? { Statistic: statistic as "Maximum" } : { ExtendedStatistic: extendedStatistic }),
        Threshold: when.threshold,
        Period: when.periodSeconds,
        EvaluationPeriods: when.evaluationPeriods,
        DatapointsToAlarm: when.datapointsToAlarm,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
        Dimensions,
      }),
    );
  }
}
