import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import type { Service } from "../../service";
import { AwsError } from "../../errors";
import { page } from "../pages";
import { type FileSystem, FileSystems, type MountTarget } from "./store";
import { platformChecks } from "../../checks/platform";

/**
 * EFS, as far as a Studio domain's home directories need it: SageMaker makes them, people look at them and delete what
 * it leaves.
 */
export function createFileSystems(cloud: Cloud): Service {
  const store = new FileSystems(cloud);
  return {
    id: "efs",
    iamPrefix: "elasticfilesystem",
    operations: operations(cloud, store),
    permissions: permissions(cloud, store),
    tagsOf: (arn) => store.all().find((one) => one.arn === arn)?.tags,
    inventory: () => store.all().map(({ arn }) => ({ arn, type: "AWS::EFS::FileSystem" })),
  };
}

function operations(cloud: Cloud, store: FileSystems): Record<string, Handler> {
  const system = (id: string): FileSystem => {
    const found = store.find(bare(id));
    if (!found) throw new AwsError("FileSystemNotFound", `File system '${bare(id)}' does not exist.`, 404);
    return found;
  };
  const target = (id: string): MountTarget => {
    const found = store.mountTargets().find((one) => one.id === id);
    if (!found) throw new AwsError("MountTargetNotFound", `Mount target '${id}' does not exist.`, 404);
    return found;
  };
  return {
    DescribeFileSystems(input) {
      const named = input.FileSystemId
        ? [system(input.FileSystemId)]
        : store.all().filter(({ creationToken }) => !input.CreationToken || creationToken === input.CreationToken);
      const { items, next } = page(named, input.Marker, input.MaxItems ?? 100);
      return { FileSystems: items.map((one) => shown(cloud, store, one)), NextMarker: next };
    },
    DescribeMountTargets(input) {
      if (!input.FileSystemId && !input.MountTargetId)
        throw new AwsError("BadRequest", "One of FileSystemId, MountTargetId or AccessPointId must be specified.");
      const { items, next } = page(
        input.MountTargetId ? [target(input.MountTargetId)] : of(store, system(input.FileSystemId).id),
        input.Marker,
        input.MaxItems ?? 100,
      );
      return { MountTargets: items.map((one) => shownTarget(cloud, one)), NextMarker: next };
    },
    DeleteMountTarget(input) {
      store.deleteMountTarget(target(input.MountTargetId));
    },
    DeleteFileSystem(input) {
      const { id } = system(input.FileSystemId);
      if (of(store, id).length > 0) throw platformChecks.noMountTargets(id);
      store.drop(id);
    },
  };
}

/**
 * Rights by the Service Authorization Reference; that a mount target's interface asks `ec2:DeleteNetworkInterface` of
 * the caller as well is EFS's own text.
 */
function permissions(cloud: Cloud, store: FileSystems): NonNullable<Service["permissions"]> {
  const arn = (id: string | undefined): string => cloud.arn("elasticfilesystem", `file-system/${id ?? "*"}`);
  const action = (call: Call): string => `elasticfilesystem:${call.operation}`;
  const mounted = (input: Members): MountTarget | undefined =>
    store.mountTargets().find(({ id }) => id === input.MountTargetId);
  const onSystem = (input: Members, call: Call): Requirement[] => [
    {
      action: action(call),
      resource: arn(input.FileSystemId ? bare(input.FileSystemId) : mounted(input)?.fileSystemId),
    },
  ];
  return {
    DescribeFileSystems: onSystem,
    DescribeMountTargets: onSystem,
    DeleteFileSystem: onSystem,
    DeleteMountTarget: (input, call) => {
      const face = mounted(input);
      return [
        ...onSystem(input, call),
        ...(face
          ? [
              {
                action: "ec2:DeleteNetworkInterface",
                resource: cloud.arn("ec2", `network-interface/${face.interfaceId}`),
                context: { "aws:ViaAWSService": "true" },
              },
            ]
          : []),
      ];
    },
  };
}

/** Ids are also taken as ARNs. */
function bare(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

function of(store: FileSystems, fileSystemId: string): MountTarget[] {
  return store.mountTargets().filter((one) => one.fileSystemId === fileSystemId);
}

function shown(
  cloud: Cloud,
  store: FileSystems,
  { id, arn, creationToken, keyArn, tags, createdMs }: FileSystem,
): Members {
  return {
    OwnerId: cloud.accountId,
    CreationToken: creationToken,
    FileSystemId: id,
    FileSystemArn: arn,
    CreationTime: new Date(createdMs),
    LifeCycleState: "available",
    NumberOfMountTargets: of(store, id).length,
    SizeInBytes: { Value: 0 },
    PerformanceMode: "generalPurpose",
    Encrypted: keyArn !== undefined,
    ...(keyArn ? { KmsKeyId: keyArn } : {}),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

function shownTarget(cloud: Cloud, { id, fileSystemId, interfaceId, subnetId, vpcId, goneMs }: MountTarget): Members {
  return {
    OwnerId: cloud.accountId,
    MountTargetId: id,
    FileSystemId: fileSystemId,
    SubnetId: subnetId,
    VpcId: vpcId,
    NetworkInterfaceId: interfaceId,
    LifeCycleState: goneMs === undefined ? "available" : "deleting",
  };
}
