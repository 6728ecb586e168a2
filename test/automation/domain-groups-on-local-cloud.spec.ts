import { strict as assert } from "node:assert";
import { join } from "node:path";
import { DeleteSecurityGroupCommand, EC2Client, RevokeSecurityGroupIngressCommand } from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateDomainCommand, DeleteDomainCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { deleteDomainGroups, domainGroups } from "../../automation/domain-groups";
import { securityGroupsNamed, tagByIds, tagValuesOfGroups } from "../../aws/ec2";
import { taggedResources } from "../../aws/tagging";
import type { LocalCloud } from "../../local/server";
import { enter, sdkConfig, startTestCloud, temporaryFolder } from "../local/support";

describe("what a Studio domain leaves in its VPC", function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  let local: LocalCloud;
  let leave: () => void;
  let sagemaker: SageMakerClient;
  let ec2: EC2Client;
  let domainId: string;
  const session = () => ({ profile: "ab", region: local.cloud.region });
  const groups = () => securityGroupsNamed(session(), domainGroups(domainId));

  before(async () => {
    local = await startTestCloud({ speed: 60 });
    leave = enter(local, join(folder.path, "aws"));
    [sagemaker, ec2] = [new SageMakerClient(sdkConfig(local)), new EC2Client(sdkConfig(local))];
    const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" }] };
    const { Role } = await new IAMClient(sdkConfig(local)).send(new CreateRoleCommand({ RoleName: "studio", AssumeRolePolicyDocument: JSON.stringify(trust) }));
    const { DomainId } = await sagemaker.send(new CreateDomainCommand({ DomainName: "d", AuthMode: "IAM", VpcId: "vpc-1", SubnetIds: ["subnet-1"], DefaultUserSettings: { ExecutionRole: Role!.Arn! } }));
    domainId = DomainId!;
  });
  after(async () => {
    leave?.();
    await local?.stop();
    folder.remove();
  });

  it("are two security groups that refer to each other, in use while the domain is there, and left when it goes", async () => {
    const [inbound, outbound] = await groups();
    assert.deepEqual([inbound!.ingress[0]!.UserIdGroupPairs![0]!.GroupId, outbound!.egress[0]!.UserIdGroupPairs![0]!.GroupId], [outbound!.id, inbound!.id]);
    await sagemaker.send(new DeleteDomainCommand({ DomainId: domainId, RetentionPolicy: { HomeEfsFileSystem: "Delete" } }));
    assert.equal((await groups()).length, 2);
    await assert.rejects(ec2.send(new DeleteSecurityGroupCommand({ GroupId: inbound!.id })), { name: "DependencyViolation" });
    await assert.rejects(ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: outbound!.id, IpPermissions: inbound!.ingress })), { name: "InvalidPermission.NotFound" });
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
    assert.equal(await deleteDomainGroups(session(), domainId, () => undefined), 2);
    assert.deepEqual(await groups(), []);
    assert.equal(await deleteDomainGroups(session(), domainId, () => undefined), 0);
    assert.deepEqual((await local.cloud.inventory()).filter(({ type }) => type === "AWS::EC2::SecurityGroup"), []);
  });
});
