import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  paginateListEndpoints,
  type ProductionVariant,
  SageMakerClient,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import { type AwsSession, clientSettings } from "./session";
import { tagList } from "./tagging";

export interface HostedModel {
  readonly image: string;
  readonly modelDataUrl: string;
  readonly roleArn: string;
}

/** Endpoints, as far as one is made, changed and deleted; what is looked at is in `SageMaker`. */
export class Hosting {
  private readonly client: SageMakerClient;

  constructor(session: AwsSession) {
    this.client = new SageMakerClient(clientSettings(session));
  }

  async model(
    name: string,
    { image, modelDataUrl, roleArn }: HostedModel,
    tags: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.client.send(
      new CreateModelCommand({
        ModelName: name,
        ExecutionRoleArn: roleArn,
        PrimaryContainer: { Image: image, ModelDataUrl: modelDataUrl },
        Tags: tagList(tags),
      }),
    );
  }

  /** An endpoint configuration of one variant on one instance. */
  async configure(
    name: string,
    variant: string,
    model: string,
    host: Partial<ProductionVariant>,
    tags: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.client.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: name,
        ProductionVariants: [{ VariantName: variant, ModelName: model, InitialInstanceCount: 1, ...host }],
        Tags: tagList(tags),
      }),
    );
  }

  async create(name: string, config: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.client.send(
      new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: config, Tags: tagList(tags) }),
    );
  }

  /** Blue/green, all at once, taken back when the alarm goes off. */
  async update(name: string, config: string, alarm: string): Promise<void> {
    await this.client.send(
      new UpdateEndpointCommand({
        EndpointName: name,
        EndpointConfigName: config,
        DeploymentConfig: {
          BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: "ALL_AT_ONCE", WaitIntervalInSeconds: 60 } },
          AutoRollbackConfiguration: { Alarms: [{ AlarmName: alarm }] },
        },
      }),
    );
  }

  async delete(name: string): Promise<void> {
    await this.client.send(new DeleteEndpointCommand({ EndpointName: name }));
  }

  async named(start: string): Promise<string[]> {
    const names: string[] = [];
    for await (const page of paginateListEndpoints({ client: this.client }, { NameContains: start }))
      names.push(
        ...(page.Endpoints ?? []).flatMap(({ EndpointName }) =>
          EndpointName?.startsWith(start) ? [EndpointName] : [],
        ),
      );
    return names;
  }
}
