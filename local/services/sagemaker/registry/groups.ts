import type { Call } from "../../../call";
import type { Members } from "../../../members";
import { validationException } from "../../../errors";
import type { Table } from "../../../journal";
import type { Context } from "../context";
import { date, listed } from "../listing";
import type { Tags } from "../tags";
import { registryChecks } from "../../../checks/registry";

export interface ModelPackageGroup {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly createdMs: number;
  readonly createdBy: Members;
  /** The highest version ever given; numbers of deleted versions are not used again. */
  readonly lastVersion: number;
  readonly policy?: string;
}

/** Who did something, as `CreatedBy` and `LastModifiedBy` show it. */
export function userContext({ principal }: Call): Members {
  const { sourceIdentity } = principal;
  return {
    IamIdentity: {
      Arn: principal.arn,
      PrincipalId: principal.id,
      ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
    },
  };
}

/** Model package groups. */
export class ModelPackageGroups {
  readonly groups: Table<ModelPackageGroup>;

  constructor(
    private readonly context: Context,
    private readonly tags: Tags,
    /** Whether versions are left in a group. */
    private readonly holdsPackages: (group: string) => boolean,
  ) {
    this.groups = context.cloud.journal.table("sagemaker/model-package-groups");
  }

  operations() {
    return {
      CreateModelPackageGroup: (input: Members, call: Call) => this.create(input, call),
      DescribeModelPackageGroup: (input: Members) => this.describe(input.ModelPackageGroupName),
      ListModelPackageGroups: (input: Members) => this.list(input),
      DeleteModelPackageGroup: (input: Members) => this.delete(input.ModelPackageGroupName),
      PutModelPackageGroupPolicy: (input: Members) => this.putPolicy(input.ModelPackageGroupName, input.ResourcePolicy),
      GetModelPackageGroupPolicy: (input: Members) => this.getPolicy(input.ModelPackageGroupName),
      DeleteModelPackageGroupPolicy: (input: Members) => this.deletePolicy(input.ModelPackageGroupName),
    };
  }

  arn(nameOrArn: string): string {
    return nameOrArn.startsWith("arn:")
      ? nameOrArn
      : this.context.cloud.arn("sagemaker", `model-package-group/${nameOrArn}`);
  }

  /** @throws AwsError when there is no such group. */
  get(nameOrArn: string): ModelPackageGroup {
    const group = this.groups.get(nameOrArn.replace(/^arn:.*:model-package-group\//, ""));
    if (!group) throw validationException(`ModelPackageGroup ${this.arn(nameOrArn)} does not exist.`);
    return group;
  }

  private create(input: Members, call: Call): Members {
    const name = input.ModelPackageGroupName as string;
    const arn = this.arn(name);
    if (this.groups.has(name)) throw validationException(`Model Package Group already exists: ${arn}`);
    this.tags.put(arn, input.Tags);
    this.groups.put(name, {
      name,
      arn,
      description: input.ModelPackageGroupDescription,
      createdMs: call.now.getTime(),
      createdBy: userContext(call),
      lastVersion: 0,
    });
    return { ModelPackageGroupArn: arn };
  }

  /** A group as DescribeModelPackageGroup answers it. */
  describe(name: string): Members {
    const group = this.get(name);
    return {
      ModelPackageGroupName: group.name,
      ModelPackageGroupArn: group.arn,
      ModelPackageGroupDescription: group.description,
      CreationTime: date(group.createdMs),
      CreatedBy: group.createdBy,
      ModelPackageGroupStatus: "Completed",
    };
  }

  private list(input: Members): Members {
    const { items, next } = listed(this.groups.values(), input, "Ascending");
    return {
      ModelPackageGroupSummaryList: items.map((group) => ({
        ModelPackageGroupName: group.name,
        ModelPackageGroupArn: group.arn,
        ModelPackageGroupDescription: group.description,
        CreationTime: date(group.createdMs),
        ModelPackageGroupStatus: "Completed",
      })),
      NextToken: next,
    };
  }

  private delete(name: string): Members {
    const group = this.get(name);
    if (this.holdsPackages(group.name)) {
      throw registryChecks.emptyGroup(group.arn);
    }
    this.groups.delete(group.name);
    this.tags.drop(group.arn);
    return {};
  }

  private putPolicy(name: string, policy: string): Members {
    const group = this.get(name);
    try {
      JSON.parse(policy);
    } catch {
      throw registryChecks.policyIsJson();
    }
    this.groups.put(group.name, { ...group, policy });
    return { ModelPackageGroupArn: group.arn };
  }

  private getPolicy(name: string): Members {
    const group = this.get(name);
    if (!group.policy) throw validationException(`Cannot find a resource policy for Model Package Group ${group.arn}`);
    return { ResourcePolicy: group.policy };
  }

  private deletePolicy(name: string): Members {
    const { policy: _, ...group } = this.get(name);
    this.groups.put(group.name, group);
    return {};
  }
}
