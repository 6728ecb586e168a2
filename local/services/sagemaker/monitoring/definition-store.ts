import type {
  CreateDataQualityJobDefinitionCommandInput,
  CreateModelQualityJobDefinitionCommandInput,
} from "@aws-sdk/client-sagemaker";
import type { Cloud } from "../../../cloud";
import { AwsError } from "../../../errors";
import type { Table } from "../../../journal";
import type { Validated } from "../../../operation";

/** What of a definition SageMaker keeps, by its kind. */
interface Definitions {
  readonly DataQuality: Omit<Validated<CreateDataQualityJobDefinitionCommandInput>, "Tags">;
  readonly ModelQuality: Omit<Validated<CreateModelQualityJobDefinitionCommandInput>, "Tags">;
}
export type DefinitionType = keyof Definitions;

interface Kept<Type extends DefinitionType> {
  readonly type: Type;
  readonly arn: string;
  readonly createdMs: number;
  readonly input: Definitions[Type];
}
export type DefinitionRecord = Kept<"DataQuality"> | Kept<"ModelQuality">;

const kinds: Readonly<Record<DefinitionType, string>> = {
  DataQuality: "data-quality-job-definition",
  ModelQuality: "model-quality-job-definition",
};

/** Job definitions of Model Monitor, in the journal; each type has names of its own. */
export class DefinitionStore {
  private readonly definitions: Table<DefinitionRecord>;

  constructor(readonly cloud: Cloud) {
    this.definitions = cloud.journal.table("sagemaker/monitoring-definitions");
  }

  arn(type: DefinitionType, name: string): string {
    return this.cloud.arn("sagemaker", `${kinds[type]}/${name}`);
  }

  find(type: string, name: string): DefinitionRecord | undefined {
    return this.definitions.get(`${type}/${name}`);
  }

  /** @throws AwsError ResourceNotFound. */
  get<Type extends DefinitionType>(type: Type, name: string): Kept<Type> {
    const definition = this.find(type, name);
    if (!definition) throw new AwsError("ResourceNotFound", `Could not find job definition with name: ${name}`);
    return definition as unknown as Kept<Type>;
  }

  /** @throws AwsError ResourceInUse for a name that is taken. */
  add(definition: DefinitionRecord): void {
    const { type, arn, input } = definition;
    const name = input.JobDefinitionName;
    if (this.find(type, name))
      throw new AwsError("ResourceInUse", `Job definition with name ${name} already exists (${arn})`);
    this.definitions.put(`${type}/${name}`, definition);
  }

  delete(type: DefinitionType, name: string): void {
    this.definitions.delete(`${type}/${name}`);
  }

  of(type: DefinitionType): DefinitionRecord[] {
    return this.all().filter((definition) => definition.type === type);
  }

  all(): DefinitionRecord[] {
    return [...this.definitions.values()];
  }
}
