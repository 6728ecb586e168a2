import assert from "node:assert/strict";
import { vpcFlowLogs as rule } from "../../../policies/rules/vpc-flow-logs";
import { describeRule, judgeStack, unknownText } from "../../support/policy";

const vpc = { type: "aws:ec2/vpc:Vpc", name: "network", props: { id: "vpc-1" } };
const log = "aws:ec2/flowLog:FlowLog";

describeRule(rule, { refuses: {}, accepts: {}, ignores: ["aws:ec2/vpc:Vpc", log] }, () => {
  it("refuses a VPC without flow logs", () => {
    assert.match(judgeStack(rule, [vpc]).join(), /^network: The VPC writes no flow logs/);
    assert.equal(judgeStack(rule, [vpc, { type: log, props: { vpcId: "vpc-2" } }]).length, 1);
  });

  it("is content with flow logs of the VPC, before and after ids are known", () => {
    assert.deepEqual(judgeStack(rule, [vpc, { type: log, props: { vpcId: "vpc-1" } }]), []);
    const coming = { ...vpc, props: { id: unknownText } };
    assert.deepEqual(
      judgeStack(rule, [coming, { type: log, props: { vpcId: unknownText }, from: { vpcId: [coming] } }]),
      [],
    );
  });

  it("says nothing where there is no VPC", () => assert.deepEqual(judgeStack(rule, []), []));
});
