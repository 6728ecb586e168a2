import assert from "node:assert/strict";
import { joinNetwork } from "../../../infra/identity/documents/network";
import { makeInterfaces } from "../../../local/network/interfaces";
import { topologyOf } from "../../../local/network/passage";
import type { Placement } from "../../../local/network/placement";
import { recordTable } from "../../../local/provider/records";
import { bringUp, networkOf, workloads } from "../../support/networks";
import { programOf } from "../../support/programs";
import { accountId, scopeOf } from "../../support/scope";
import { Account } from "../iam/account";

describe("network interfaces", () => {
  let account: Account;
  let place: Placement;
  const statements = joinNetwork(scopeOf("prod"));
  const joining = async (name: string, granted: readonly object[], at = place, by?: "others"): Promise<string> => {
    const roleArn = await account.role(
      name,
      { Version: "2012-10-17", Statement: granted },
      {
        AssumeRolePolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" }],
        }),
      },
    );
    try {
      makeInterfaces(account.cloud, account.cloud.internals.assume(roleArn, "sagemaker.amazonaws.com", "x"), at, by);
      return "joined";
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  };
  before(async () => {
    const recorder = await programOf("prod");
    account = new Account([], { accountId });
    const tags = { project: "peregrine", environment: "prod" };
    bringUp(account.cloud, networkOf(recorder), tags);
    place = workloads(recorder);
  });

  it("are made by the rights that the program gives to its roles, and by no fewer", async () => {
    assert.equal(await joining("whole", statements), "joined");
    for (const [index, { Sid, Action }] of statements.entries())
      for (const action of [Action].flat()) {
        const fewer = statements
          .map((statement, at) =>
            at === index
              ? { ...statement, Action: [statement.Action].flat().filter((one) => one !== action) }
              : statement,
          )
          .filter((statement) => statement.Action!.length > 0);
        assert.match(
          await joining(`without-${Sid}-${action!.slice(4)}`, fewer),
          new RegExp(`is not authorized to perform: ${action} on resource`),
          `${Sid} ${action}`,
        );
      }
  });

  it("are made on subnets and behind groups with the environment's tags only", async () => {
    assert.match(
      await joining("other", joinNetwork(scopeOf("staging"))),
      /not authorized to perform: ec2:CreateNetworkInterface on resource: arn:aws:ec2:\S+:subnet\/subnet-/,
    );
  });

  it("are looked up in networks that are read once, and again after a change", () => {
    const before = topologyOf(account.cloud);
    assert.equal(topologyOf(account.cloud), before);
    recordTable(account.cloud).put("aws:ec2/subnet:Subnet|subnet-new", {
      type: "aws:ec2/subnet:Subnet",
      id: "subnet-new",
      arn: account.cloud.arn("ec2", "subnet/subnet-new"),
      region: account.cloud.region,
      tags: {},
      properties: { vpcId: "vpc-1", cidrBlock: "10.9.0.0/24" },
    });
    assert.ok(topologyOf(account.cloud).subnets.has("subnet-new") && !before.subnets.has("subnet-new"));
    recordTable(account.cloud).delete("aws:ec2/subnet:Subnet|subnet-new");
    assert.ok(!topologyOf(account.cloud).subnets.has("subnet-new"));
  });

  it("need subnets and groups that exist", async () => {
    assert.equal(
      await joining("nowhere", statements, { ...place, subnetIds: ["subnet-0"] }),
      "InvalidSubnetID.NotFound: The subnet ID 'subnet-0' does not exist",
    );
    assert.equal(
      await joining("open", statements, { ...place, securityGroupIds: ["sg-0"] }),
      "InvalidGroup.NotFound: The security group 'sg-0' does not exist",
    );
  });

  it("take fewer rights of functions and builds", async () => {
    assert.equal(
      await joining(
        "function",
        [{ Effect: "Allow", Action: ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces"], Resource: "*" }],
        place,
        "others",
      ),
      "joined",
    );
  });
});
