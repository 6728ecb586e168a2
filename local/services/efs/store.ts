import { randomBytes } from "node:crypto";
import type { Cloud } from "../../cloud";
import type { Table } from "../../journal";

/** A file system, as far as Studio makes and leaves one. */
export interface FileSystem {
  readonly id: string;
  readonly arn: string;
  readonly creationToken: string;
  readonly keyArn: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdMs: number;
}

/** A file system's address in a subnet: a network interface, which keeps its groups, its subnet and its VPC in use. */
export interface MountTarget {
  readonly id: string;
  readonly fileSystemId: string;
  readonly interfaceId: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly groups: readonly string[];
  /** When it is gone, cloud time; undefined while nobody deletes it. */
  readonly goneMs?: number;
}

/**
 * How long a mount target is `deleting`, cloud time. EFS says only that the call returns before it is gone; believed.
 */
const deletingMs = 30_000;

/** File systems and mount targets of the account, kept over restarts. */
export class FileSystems {
  private readonly systems: Table<FileSystem>;
  private readonly targets: Table<MountTarget>;

  constructor(private readonly cloud: Cloud) {
    this.systems = cloud.journal.table("efs/file-systems");
    this.targets = cloud.journal.table("efs/mount-targets");
  }

  all(): FileSystem[] {
    return [...this.systems.values()];
  }

  find(id: string): FileSystem | undefined {
    return this.systems.get(id);
  }

  /** Those that are there, also those that are being deleted. */
  mountTargets(): MountTarget[] {
    const now = this.cloud.clock.nowMs();
    for (const [id, { goneMs }] of [...this.targets.entries()])
      if (goneMs !== undefined && goneMs <= now) this.targets.delete(id);
    return [...this.targets.values()];
  }

  /** @returns the id of a new file system, with a mount target in each subnet. */
  make(given: {
    readonly creationToken: string;
    readonly keyArn?: string;
    readonly tags: Readonly<Record<string, string>>;
    readonly vpcId: string;
    readonly subnetIds: readonly string[];
    readonly groups: readonly string[];
  }): string {
    const id = `fs-${hex()}`;
    const { creationToken, keyArn, tags, vpcId, groups } = given;
    this.systems.put(id, {
      id,
      arn: this.cloud.arn("elasticfilesystem", `file-system/${id}`),
      creationToken,
      keyArn,
      tags,
      createdMs: this.cloud.clock.nowMs(),
    });
    for (const subnetId of given.subnetIds) {
      const target = { id: `fsmt-${hex()}`, fileSystemId: id, interfaceId: `eni-${hex()}`, subnetId, vpcId, groups };
      this.targets.put(target.id, target);
    }
    return id;
  }

  deleteMountTarget(target: MountTarget): void {
    this.targets.put(target.id, { ...target, goneMs: target.goneMs ?? this.cloud.clock.nowMs() + deletingMs });
  }

  /** The file system with its contents, and whatever mount targets it has. */
  drop(id: string): void {
    for (const target of this.mountTargets()) if (target.fileSystemId === id) this.targets.delete(target.id);
    this.systems.delete(id);
  }
}

function hex(): string {
  return randomBytes(9).toString("hex").slice(0, 17);
}
