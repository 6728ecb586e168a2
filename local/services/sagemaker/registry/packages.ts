import type { Call } from "../../../call";
import type { Members } from "../../../members";
import { validationException } from "../../../errors";
import type { Table } from "../../../journal";
import type { Context } from "../context";
import { date, listed } from "../listing";
import type { LineageMaking } from "../lineage/making";
import { emitStateChange } from "../state-change";
import type { Tags } from "../tags";
import { s3Uri } from "../jobs/inputs";
import { userContext, type ModelPackageGroups } from "./groups";
import { cardProblem } from "./card-schema";
import { registryChecks } from "../../../checks/registry";

export interface ModelPackage {
  /** Name of an unversioned package; of a version the group's name. */
  readonly name: string;
  readonly arn: string;
  readonly group?: string;
  readonly version?: number;
  readonly approval: string;
  readonly input: Members;
  readonly createdMs: number;
  readonly createdBy: Members;
  readonly modifiedMs?: number;
  readonly modifiedBy?: Members;
}

/** Members of an update that replace what the package had. */
const REPLACED = [
  "ApprovalDescription",
  "InferenceSpecification",
  "SourceUri",
  "ModelCard",
  "ModelLifeCycle",
  "ModelPackageRegistrationType",
] as const;

/** A package holds so many additional inference specifications (UpdateModelPackage API). */
const MAX_ADDITIONAL = 15;

/**
 * Members of an update by the names that events have for them: `UpdatedModelPackageFields` ("SageMaker model package
 * state change", SageMaker developer guide). AWS lists the first six; the others are believed to be called like their
 * members.
 */
const EVENT_FIELDS: Readonly<Record<string, string>> = {
  ModelApprovalStatus: "ModelApprovalStatus",
  ApprovalDescription: "ApprovalDescription",
  SourceUri: "sourceUri",
  CustomerMetadataProperties: "CustomerMetadataProperties",
  InferenceSpecification: "InferenceSpecification",
  ModelLifeCycle: "ModelLifeCycle",
  CustomerMetadataPropertiesToRemove: "CustomerMetadataProperties",
  AdditionalInferenceSpecificationsToAdd: "AdditionalInferenceSpecifications",
  ModelCard: "ModelCard",
  ModelPackageRegistrationType: "ModelPackageRegistrationType",
};

/**
 * What an update names, whether or not the value is another one than before (believed: AWS does not say what a repeated
 * value counts as).
 */
function updatedFields(input: Members): string[] {
  return [
    ...new Set(Object.entries(EVENT_FIELDS).flatMap(([member, field]) => (input[member] === undefined ? [] : [field]))),
  ];
}

/** Model package versions and their approval. */
export class ModelPackages {
  readonly packages: Table<ModelPackage>;

  constructor(
    private readonly context: Context,
    private readonly groups: ModelPackageGroups,
    private readonly tags: Tags,
    private readonly lineage: LineageMaking,
  ) {
    this.packages = context.cloud.journal.table("sagemaker/model-packages");
  }

  operations() {
    return {
      CreateModelPackage: (input: Members, call: Call) => this.create(input, call),
      DescribeModelPackage: (input: Members) => this.describe(this.get(input.ModelPackageName)),
      BatchDescribeModelPackage: (input: Members) => this.batchDescribe(input.ModelPackageArnList),
      ListModelPackages: (input: Members) => this.list(input),
      UpdateModelPackage: (input: Members, call: Call) => this.update(input, call),
      DeleteModelPackage: (input: Members) => this.delete(input.ModelPackageName),
    };
  }

  arn(nameOrArn: string): string {
    return nameOrArn.startsWith("arn:") ? nameOrArn : this.context.cloud.arn("sagemaker", `model-package/${nameOrArn}`);
  }

  /** @throws AwsError when there is no such package. */
  get(nameOrArn: string): ModelPackage {
    const found = this.packages.get(this.arn(nameOrArn));
    if (!found) throw validationException(`ModelPackage ${this.arn(nameOrArn)} does not exist.`);
    return found;
  }

  private create(input: Members, call: Call): Members {
    const { Tags: tags, ClientToken: _, ...kept } = input;
    if (!input.ModelPackageName === !input.ModelPackageGroupName) {
      throw registryChecks.oneName();
    }
    for (const container of (input.InferenceSpecification?.Containers ?? []) as Members[]) {
      if (container.ModelDataUrl) s3Uri(container.ModelDataUrl);
    }
    checkCard(input);
    const group = input.ModelPackageGroupName ? this.groups.get(input.ModelPackageGroupName) : undefined;
    if (group && tags?.length > 0) {
      throw registryChecks.tagsOfGroup();
    }
    const version = group && group.lastVersion + 1;
    const arn = this.arn(group ? `${group.name}/${version}` : input.ModelPackageName);
    if (this.packages.has(arn)) throw validationException(`Model Package already exists: ${arn}`);
    if (group) this.groups.groups.put(group.name, { ...group, lastVersion: version! });
    else this.tags.put(arn, tags);
    this.packages.put(arn, {
      name: group?.name ?? input.ModelPackageName,
      arn,
      ...(group ? { group: group.name, version } : {}),
      approval: input.ModelApprovalStatus ?? "PendingManualApproval",
      input: kept,
      createdMs: call.now.getTime(),
      createdBy: userContext(call),
    });
    this.lineage.package(arn, input, this.get(arn).approval, group && { ...group, version: version! });
    this.emit(arn);
    return { ModelPackageArn: arn };
  }

  /** Everything that UpdateModelPackage takes may be changed in every status: an approval closes nothing. */
  private update(input: Members, call: Call): Members {
    const old = this.get(input.ModelPackageArn);
    for (const container of (input.InferenceSpecification?.Containers ?? []) as Members[]) {
      if (container.ModelDataUrl) s3Uri(container.ModelDataUrl);
    }
    checkCard(input);
    const properties = { ...old.input.CustomerMetadataProperties, ...input.CustomerMetadataProperties };
    for (const key of input.CustomerMetadataPropertiesToRemove ?? []) delete properties[key];
    const additional = [
      ...(old.input.AdditionalInferenceSpecifications ?? []),
      ...(input.AdditionalInferenceSpecificationsToAdd ?? []),
    ];
    if (additional.length > MAX_ADDITIONAL) throw registryChecks.additional(String(MAX_ADDITIONAL));
    const replaced = Object.fromEntries(
      REPLACED.filter((member) => input[member] !== undefined).map((member) => [member, input[member]]),
    );
    this.packages.put(old.arn, {
      ...old,
      approval: input.ModelApprovalStatus ?? old.approval,
      input: {
        ...old.input,
        ...replaced,
        ...(Object.keys(properties).length > 0
          ? { CustomerMetadataProperties: properties }
          : { CustomerMetadataProperties: undefined }),
        ...(additional.length > 0 ? { AdditionalInferenceSpecifications: additional } : {}),
      },
      modifiedMs: call.now.getTime(),
      modifiedBy: userContext(call),
    });
    this.emit(old.arn, updatedFields(input));
    return { ModelPackageArn: old.arn };
  }

  private delete(nameOrArn: string): Members {
    const { arn } = this.get(nameOrArn);
    this.packages.delete(arn);
    this.tags.drop(arn);
    return {};
  }

  private list(input: Members): Members {
    const group = input.ModelPackageGroupName ? this.groups.get(input.ModelPackageGroupName).name : undefined;
    const type = input.ModelPackageType ?? (group ? "Versioned" : "Unversioned");
    const rows = [...this.packages.values()].filter(
      (row) =>
        (group === undefined || row.group === group) &&
        (type === "Both" || (type === "Versioned") === (row.version !== undefined)) &&
        (!input.ModelApprovalStatus || row.approval === input.ModelApprovalStatus),
    );
    const { items, next } = listed(rows, input, "Ascending");
    return { ModelPackageSummaryList: items.map((row) => this.summary(row)), NextToken: next };
  }

  private batchDescribe(arns: readonly string[]): Members {
    const found = arns.flatMap((arn) => this.packages.get(arn) ?? []);
    const missing = arns.filter((arn) => !this.packages.has(arn));
    return {
      ModelPackageSummaries: Object.fromEntries(
        found.map((row) => [
          row.arn,
          { ...this.summary(row), InferenceSpecification: row.input.InferenceSpecification },
        ]),
      ),
      BatchDescribeModelPackageErrorMap: Object.fromEntries(
        missing.map((arn) => [
          arn,
          { ErrorCode: "ValidationException", ErrorResponse: `ModelPackage ${arn} does not exist.` },
        ]),
      ),
    };
  }

  private summary(row: ModelPackage): Members {
    return {
      ModelPackageName: row.version === undefined ? row.name : undefined,
      ModelPackageGroupName: row.group,
      ModelPackageVersion: row.version,
      ModelPackageArn: row.arn,
      ModelPackageDescription: row.input.ModelPackageDescription,
      CreationTime: date(row.createdMs),
      ModelPackageStatus: "Completed",
      ModelApprovalStatus: row.approval,
    };
  }

  /** A package as DescribeModelPackage answers it. */
  describe(row: ModelPackage): Members {
    return {
      ...row.input,
      ...this.summary(row),
      ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: [] },
      CertifyForMarketplace: row.input.CertifyForMarketplace ?? false,
      CreatedBy: row.createdBy,
      LastModifiedTime: date(row.modifiedMs),
      LastModifiedBy: row.modifiedBy,
    };
  }

  /**
   * Events say what a package is and what was changed, not who did it, and their times are ISO text (the guide's
   * example).
   * @param updated left out when the package is new.
   */
  private emit(arn: string, updated?: readonly string[]): void {
    const row = this.packages.get(arn)!;
    const {
      CreatedBy: _created,
      LastModifiedBy: _modified,
      CreationTime,
      LastModifiedTime,
      ...described
    } = this.describe(row);
    emitStateChange(this.context.cloud, "Model Package", arn, {
      ...described,
      CreationTime: isoTime(CreationTime),
      LastModifiedTime: isoTime(LastModifiedTime ?? CreationTime),
      Tags: this.tags.of(row.group ? this.groups.arn(row.group) : arn) ?? {},
      UpdatedModelPackageFields: updated,
    });
  }
}

function checkCard({ ModelCard }: Members): void {
  const content = ModelCard?.ModelCardContent as string | undefined;
  const problem = content === undefined ? undefined : cardProblem(content);
  if (problem !== undefined) throw registryChecks.packageCard(problem);
}

function isoTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
