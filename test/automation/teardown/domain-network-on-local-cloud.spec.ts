import assert from "node:assert/strict";
import { join } from "node:path";
import { DeleteSecurityGroupCommand, EC2Client, RevokeSecurityGroupIngressCommand } from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateDomainCommand,
  DeleteDomainCommand,
  DescribeDomainCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { DeleteFileSystemCommand, DescribeFileSystemsCommand, EFSClient } from "@aws-sdk/client-efs";
import { domainGroups, freeDomainNetwork, keptHome } from "../../../automation/teardown/domain-network";
import { revokeRules, securityGroupsNamed, tagByIds, tagValuesOfGroups } from "../../../aws/ec2";
import { taggedResources } from "../../../aws/tagging";
import type { LocalCloud } from "../../../local/server";
import { enter, sdkConfig, startTestCloud } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";

describe("what a Studio domain leaves in its VPC", function () {
  const folder = makeTemporaryFolder();
  let local: LocalCloud;
  let leave: () => void;
  let sagemaker: SageMakerClient;
  let ec2: EC2Client;
  let efs: EFSClient;
  let roleArn: string;
  let domainId: string;
  let fileSystemId: string;
  const session = () => ({ profile: "ab", region: local.cloud.region });
  const groups = () => securityGroupsNamed(session(), domainGroups(domainId));

  before(async () => {
    local = await startTestCloud({ speed: 60 });
    leave = enter(local, join(folder, "aws"));
    [sagemaker, ec2, efs] = [
      new SageMakerClient(sdkConfig(local)),
      new EC2Client(sdkConfig(local)),
      new EFSClient(sdkConfig(local)),
    ];
    const trust = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" }],
    };
    const { Role } = await new IAMClient(sdkConfig(local)).send(
      new CreateRoleCommand({ RoleName: "studio", AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    roleArn = Role!.Arn!;
    await newDomain();
  });
  after(async () => {
    leave?.();
    await local?.stop();
  });

  async function newDomain(): Promise<{ domainId: string; fileSystemId: string }> {
    const { DomainId } = await sagemaker.send(
      new CreateDomainCommand({
        DomainName: "d",
        AuthMode: "IAM",
        VpcId: "vpc-1",
        SubnetIds: ["subnet-1", "subnet-2"],
        DefaultUserSettings: { ExecutionRole: roleArn },
      }),
    );
    const { HomeEfsFileSystemId } = await sagemaker.send(new DescribeDomainCommand({ DomainId }));
    [domainId, fileSystemId] = [DomainId!, HomeEfsFileSystemId!];
    return { domainId, fileSystemId };
  }

  it("are two security groups that refer to each other, in use while the domain is there, and left when it goes", async () => {
    const [inbound, outbound] = await groups();
    assert.deepEqual(
      [inbound!.ingress[0]!.UserIdGroupPairs![0]!.GroupId, outbound!.egress[0]!.UserIdGroupPairs![0]!.GroupId],
      [outbound!.id, inbound!.id],
    );
    await sagemaker.send(
      new DeleteDomainCommand({ DomainId: domainId, RetentionPolicy: { HomeEfsFileSystem: "Delete" } }),
    );
    assert.equal((await groups()).length, 2);
    await assert.rejects(ec2.send(new DeleteSecurityGroupCommand({ GroupId: inbound!.id })), {
      name: "DependencyViolation",
    });
    await assert.rejects(
      ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: outbound!.id, IpPermissions: inbound!.ingress })),
      { name: "InvalidPermission.NotFound" },
    );
    assert.equal((await local.cloud.inventory()).filter(({ type }) => type === "AWS::EC2::SecurityGroup").length, 2);
  });

  it("are found by a tag that somebody gave them, after the domain that named them", async () => {
    const ids = (await groups()).map(({ id }) => id);
    await tagByIds(session(), ids, { whose: `ours/${domainId}` });
    assert.deepEqual(await tagValuesOfGroups(session(), "whose", "ours/"), [`ours/${domainId}`]);
    assert.deepEqual(await tagValuesOfGroups(session(), "whose", "theirs/"), []);
    assert.equal((await taggedResources(session(), { whose: `ours/${domainId}` })).length, 2);
  });

  it("is deleted with its rules, and nothing is left", async () => {
    assert.equal(await freeDomainNetwork(session(), { domainId }, () => undefined), 2);
    assert.deepEqual(await groups(), []);
    assert.equal(await freeDomainNetwork(session(), { domainId }, () => undefined), 0);
    assert.deepEqual(
      (await local.cloud.inventory()).filter(({ type }) => type === "AWS::EC2::SecurityGroup"),
      [],
    );
  });

  it("is a file system with mount targets too where home directories are retained, and those keep the groups in use", async () => {
    const retained = await newDomain();
    await sagemaker.send(
      new DeleteDomainCommand({ DomainId: retained.domainId, RetentionPolicy: { HomeEfsFileSystem: "Retain" } }),
    );
    const [inbound, outbound] = await groups();
    for (const group of [inbound!, outbound!]) await revokeRules(session(), group);
    await assert.rejects(ec2.send(new DeleteSecurityGroupCommand({ GroupId: inbound!.id })), {
      name: "DependencyViolation",
    });
    await assert.rejects(efs.send(new DeleteFileSystemCommand({ FileSystemId: retained.fileSystemId })), {
      name: "FileSystemInUse",
    });
  });

  it("lets go of its network, while what people stored stays and is named", async () => {
    const home = { domainId, fileSystemId };
    const told: string[] = [];
    assert.equal(await freeDomainNetwork(session(), home, (what) => told.push(what)), 2);
    assert.match(told[0]!, /waiting until 2 mount targets of fs-\w+ are gone/);
    assert.deepEqual(await groups(), []);
    const { FileSystems } = await efs.send(new DescribeFileSystemsCommand({ FileSystemId: fileSystemId }));
    assert.equal(FileSystems![0]!.NumberOfMountTargets, 0);
    assert.deepEqual(await keptHome(session(), home), { arn: FileSystems![0]!.FileSystemArn, keyArn: undefined });
    await efs.send(new DeleteFileSystemCommand({ FileSystemId: fileSystemId }));
    assert.equal(await keptHome(session(), home), undefined);
    assert.equal(await freeDomainNetwork(session(), home, () => undefined), 0, "a second time nothing is left to do");
  });
});
