import type { Call } from "../../../call";
import type { Members } from "../../../members";
import { AwsError, validationException } from "../../../errors";
import type { Table } from "../../../journal";
import { parseS3Uri } from "../../../runner/objects";
import { assumeExecutionRole, type Context } from "../context";
import { s3Uri } from "../jobs/inputs";
import { date, listed } from "../listing";
import type { ModelPackages } from "../registry/packages";
import type { Tags } from "../tags";
import { hostingChecks } from "../../../checks/hosting";

export interface Model {
  readonly name: string;
  readonly arn: string;
  readonly input: Members;
  readonly createdMs: number;
}

/** What a variant needs of a model to run it. */
export interface ServingContainer {
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `s3://…/model.tar.gz`, or a prefix when `compressed` is false. */
  readonly modelData?: { readonly uri: string; readonly compressed: boolean };
  readonly roleArn: string;
  readonly isolated: boolean;
  /** The model's `VpcConfig`. */
  readonly vpc?: Members;
}

/** Models: an image, model data and an execution role. */
export class Models {
  readonly models: Table<Model>;

  constructor(
    private readonly context: Context,
    private readonly packages: ModelPackages,
    private readonly tags: Tags,
  ) {
    this.models = context.cloud.journal.table("sagemaker/models");
  }

  operations() {
    return {
      CreateModel: (input: Members, call: Call) => this.create(input, call),
      DescribeModel: (input: Members) => this.describe(input.ModelName),
      ListModels: (input: Members) => this.list(input),
      DeleteModel: (input: Members) => this.delete(input.ModelName),
    };
  }

  arn(name: string): string {
    return this.context.cloud.arn("sagemaker", `model/${name}`);
  }

  /** @throws AwsError when there is no such model. */
  get(name: string): Model {
    const model = this.models.get(name);
    if (!model) throw validationException(`Could not find model "${this.arn(name)}".`);
    return model;
  }

  /** The container of a model, through its model package if it names one. */
  container(name: string): ServingContainer {
    const { input } = this.get(name);
    const own = (input.PrimaryContainer ?? input.Containers[0]) as Members;
    const packaged = own.ModelPackageName
      ? (this.packages.get(own.ModelPackageName).input.InferenceSpecification?.Containers?.[0] as Members)
      : undefined;
    const container: Members = { ...packaged, ...own };
    const source = container.ModelDataSource?.S3DataSource as Members | undefined;
    const uri = source?.S3Uri ?? container.ModelDataUrl;
    return {
      image: container.Image,
      environment: { ...packaged?.Environment, ...own.Environment },
      ...(uri ? { modelData: { uri, compressed: source?.CompressionType !== "None" } } : {}),
      roleArn: input.ExecutionRoleArn,
      isolated: input.EnableNetworkIsolation === true,
      ...(input.VpcConfig ? { vpc: input.VpcConfig as Members } : {}),
    };
  }

  private async create(input: Members, call: Call): Promise<Members> {
    const name = input.ModelName as string;
    const arn = this.arn(name);
    if (this.models.has(name)) throw validationException(`Cannot create already existing model "${arn}".`);
    if (!input.PrimaryContainer === !(input.Containers?.length > 0)) {
      throw hostingChecks.oneContainerMember();
    }
    if (input.Containers?.length > 1)
      throw validationException(
        "The local cloud serves models of one container: inference pipelines with several Containers are not supported.",
      );
    if (!input.ExecutionRoleArn) throw hostingChecks.executionRole();
    const container = (input.PrimaryContainer ?? input.Containers[0]) as Members;
    if (!container.Image === !container.ModelPackageName) {
      throw hostingChecks.oneImageSource();
    }
    if (container.ModelPackageName) {
      const { approval, version } = this.packages.get(container.ModelPackageName);
      if (version !== undefined && approval !== "Approved") {
        throw hostingChecks.approvedPackage(container.ModelPackageName, approval);
      }
    }
    await this.assertModelData(container, input.ExecutionRoleArn);
    if (this.models.has(name)) throw validationException(`Cannot create already existing model "${arn}".`);
    const { Tags: tags, ...kept } = input;
    this.tags.put(arn, tags);
    this.models.put(name, { name, arn, input: kept, createdMs: call.now.getTime() });
    return { ModelArn: arn };
  }

  /** SageMaker looks for the model data, as the model's role, while the model is created. */
  private async assertModelData(container: Members, roleArn: string): Promise<void> {
    const { cloud, objects } = this.context;
    const principal = assumeExecutionRole(cloud, roleArn);
    const source = container.ModelDataSource?.S3DataSource as Members | undefined;
    const uri = (source?.S3Uri ?? container.ModelDataUrl) as string | undefined;
    if (!uri) return;
    s3Uri(uri);
    const { bucket, key } = parseS3Uri(uri);
    try {
      if (source?.CompressionType === "None") {
        if ((await objects.list(principal, bucket, key, 1)).length > 0) return;
      } else {
        await objects.head(principal, { bucket, key });
        return;
      }
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.status === 403 || error.code.startsWith("AccessDenied")) {
        throw hostingChecks.readableModelData(uri, roleArn, cloud.region);
      }
    }
    throw hostingChecks.modelData(uri);
  }

  /** A model as DescribeModel answers it. */
  describe(name: string): Members {
    const model = this.get(name);
    return { EnableNetworkIsolation: false, ...model.input, ModelArn: model.arn, CreationTime: date(model.createdMs) };
  }

  private list(input: Members): Members {
    const { items, next } = listed(this.models.values(), input);
    return {
      Models: items.map((row) => ({ ModelName: row.name, ModelArn: row.arn, CreationTime: date(row.createdMs) })),
      NextToken: next,
    };
  }

  private delete(name: string): Members {
    const { arn } = this.get(name);
    this.models.delete(name);
    this.tags.drop(arn);
    return {};
  }
}
