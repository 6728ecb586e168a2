import {
  DeleteMountTargetCommand,
  DescribeFileSystemsCommand,
  EFSClient,
  paginateDescribeMountTargets,
} from "@aws-sdk/client-efs";
import { type AwsSession, clientSettings, hasCode } from "./session";

/** A file system that is there. */
export interface FileSystem {
  readonly arn: string;
  /** The key it is encrypted with, where it is. */
  readonly keyArn: string | undefined;
}

/** @returns undefined where there is no such file system. */
export async function fileSystem(session: AwsSession, id: string): Promise<FileSystem | undefined> {
  try {
    const { FileSystems } = await new EFSClient(clientSettings(session)).send(
      new DescribeFileSystemsCommand({ FileSystemId: id }),
    );
    const found = FileSystems?.[0];
    return found?.FileSystemArn ? { arn: found.FileSystemArn, keyArn: found.KmsKeyId } : undefined;
  } catch (error) {
    if (hasCode(error, "FileSystemNotFound")) return undefined;
    throw error;
  }
}

/**
 * Asks for the end of a file system's mount targets: its addresses in subnets, which keep their network in use. What is
 * stored stays. Each takes minutes to go.
 * @returns how many are still there; none for a file system that is not.
 */
export async function deleteMountTargets(session: AwsSession, fileSystemId: string): Promise<number> {
  const client = new EFSClient(clientSettings(session));
  let there = 0;
  try {
    for await (const { MountTargets = [] } of paginateDescribeMountTargets({ client }, { FileSystemId: fileSystemId }))
      for (const { MountTargetId, LifeCycleState } of MountTargets) {
        there += 1;
        if (LifeCycleState !== "deleting" && LifeCycleState !== "deleted")
          await client.send(new DeleteMountTargetCommand({ MountTargetId }));
      }
  } catch (error) {
    if (!hasCode(error, "FileSystemNotFound", "MountTargetNotFound")) throw error;
  }
  return there;
}
