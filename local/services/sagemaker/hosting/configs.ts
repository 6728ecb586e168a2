import type { Call } from "../../../call";
import type { Members } from "../../../members";
import { validationException } from "../../../errors";
import type { Table } from "../../../journal";
import type { Context } from "../context";
import { s3Uri } from "../jobs/inputs";
import { date, listed } from "../listing";
import type { Tags } from "../tags";
import { checkConfig } from "./config-checks";
import type { Models } from "./models";

export interface EndpointConfig {
  readonly name: string;
  readonly arn: string;
  readonly input: Members;
  readonly createdMs: number;
}

/** Endpoint configurations: created, described and deleted, never changed. */
export class EndpointConfigs {
  readonly configs: Table<EndpointConfig>;

  constructor(
    private readonly context: Context,
    private readonly models: Models,
    private readonly tags: Tags,
  ) {
    this.configs = context.cloud.journal.table("sagemaker/endpoint-configs");
  }

  operations() {
    return {
      CreateEndpointConfig: (input: Members, call: Call) => this.create(input, call),
      DescribeEndpointConfig: (input: Members) => this.describe(input.EndpointConfigName),
      ListEndpointConfigs: (input: Members) => this.list(input),
      DeleteEndpointConfig: (input: Members) => this.delete(input.EndpointConfigName),
    };
  }

  arn(name: string): string {
    return this.context.cloud.arn("sagemaker", `endpoint-config/${name}`);
  }

  /** @throws AwsError when there is no such configuration. */
  get(name: string): EndpointConfig {
    const config = this.configs.get(name);
    if (!config) throw validationException(`Could not find endpoint configuration "${this.arn(name)}".`);
    return config;
  }

  private create(input: Members, call: Call): Members {
    const name = input.EndpointConfigName as string;
    const arn = this.arn(name);
    if (this.configs.has(name))
      throw validationException(`Cannot create already existing endpoint configuration "${arn}".`);
    checkConfig(input, (model) => this.models.get(model).input);
    const capture = input.DataCaptureConfig as Members | undefined;
    if (capture) s3Uri(capture.DestinationS3Uri);
    const { Tags: tags, ...kept } = input;
    this.tags.put(arn, tags);
    const weighted = (variants: Members[]): Members[] =>
      variants.map((variant) => ({ InitialVariantWeight: 1, ...variant }));
    const filled = {
      ...kept,
      ProductionVariants: weighted(input.ProductionVariants),
      ...(input.ShadowProductionVariants ? { ShadowProductionVariants: weighted(input.ShadowProductionVariants) } : {}),
    };
    this.configs.put(name, { name, arn, input: filled, createdMs: call.now.getTime() });
    return { EndpointConfigArn: arn };
  }

  private describe(name: string): Members {
    const config = this.get(name);
    return { ...config.input, EndpointConfigArn: config.arn, CreationTime: date(config.createdMs) };
  }

  private list(input: Members): Members {
    const { items, next } = listed(this.configs.values(), input);
    return {
      EndpointConfigs: items.map((row) => ({
        EndpointConfigName: row.name,
        EndpointConfigArn: row.arn,
        CreationTime: date(row.createdMs),
      })),
      NextToken: next,
    };
  }

  /**
   * AWS does not protect a configuration that an endpoint still runs, so neither does this (terraform-provider-aws
   * #48997).
   */
  private delete(name: string): Members {
    const { arn } = this.get(name);
    this.configs.delete(name);
    this.tags.drop(arn);
    return {};
  }
}
