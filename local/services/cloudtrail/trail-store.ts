import type { CreateTrailCommandInput, Tag } from "@aws-sdk/client-cloudtrail";
import type { Cloud } from "../../cloud";
import { AwsError } from "../../errors";
import type { Table } from "../../journal";
import type { Members } from "../../members";
import type { Validated } from "../../operation";

/** What a trail keeps of CreateTrail and UpdateTrail, by the names that GetTrail answers. */
export type TrailSettings = Omit<
  Partial<Validated<CreateTrailCommandInput>>,
  "Name" | "TagsList" | "EnableLogFileValidation"
> & { readonly LogFileValidationEnabled?: boolean };

export interface TrailRecord {
  readonly name: string;
  readonly arn: string;
  readonly settings: TrailSettings;
  readonly logging: boolean;
  readonly startedMs?: number;
  readonly stoppedMs?: number;
  readonly selectors: readonly Members[];
  readonly tags: Readonly<Record<string, string>>;
}

/** The account's trails, in the journal. */
export class TrailStore {
  private readonly trails: Table<TrailRecord>;

  constructor(readonly cloud: Cloud) {
    this.trails = cloud.journal.table<TrailRecord>("cloudtrail/trails");
  }

  /** The ARN that a request means, which may name a trail either way. */
  arn(nameOrArn: string): string {
    return nameOrArn.startsWith("arn:") ? nameOrArn : this.cloud.arn("cloudtrail", `trail/${nameOrArn}`);
  }

  has(nameOrArn: string): boolean {
    return this.trails.has(nameIn(nameOrArn));
  }

  /** @throws AwsError TrailNotFoundException. */
  get(nameOrArn: string): TrailRecord {
    const trail = this.trails.get(nameIn(nameOrArn));
    if (!trail)
      throw new AwsError("TrailNotFoundException", `Unknown trail: ${nameOrArn} for the user: ${this.cloud.accountId}`);
    return trail;
  }

  put(trail: TrailRecord): TrailRecord {
    this.trails.put(trail.name, trail);
    return trail;
  }

  /** @throws AwsError TrailNotFoundException. */
  delete(nameOrArn: string): void {
    this.trails.delete(this.get(nameOrArn).name);
  }

  all(): TrailRecord[] {
    return [...this.trails.values()];
  }
}

function nameIn(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);
}

/** Tags by their keys; a tag may come without a value (CloudTrail API, Tag). */
export function tagsOf(list: readonly Validated<Tag>[] | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map(({ Key, Value }) => [Key, Value ?? ""]));
}
