import assert from "node:assert/strict";
import { judgeStudio, judgeVpcs, studioQuotas } from "../../../lifecycle/health/limits";

describe("an account's limits", () => {
  const vpc = "aws:ec2/vpc:Vpc";

  it("leave room for a VPC, or the stack has its own, or nobody knows", () => {
    assert.equal(judgeVpcs(4, 5, []).level, "ok");
    assert.equal(judgeVpcs(5, 5, []).level, "warning");
    assert.equal(judgeVpcs(5, 5, [vpc]).text, "5 of 5 VPCs, the stack's own among them");
    assert.equal(judgeVpcs(5, undefined, []).text, "5 of an unknown number of VPCs");
  });

  it("leave room for the next person in Studio", () => {
    const quotas = new Map([[studioQuotas[0]!, { code: "L-1", value: 2 }]]);
    const people = (count: number) => Array<string>(count).fill("aws:sagemaker/userProfile:UserProfile");
    assert.deepEqual(judgeStudio(quotas, people(1)), { level: "ok", text: "1 of 2 user profiles", cure: "" });
    assert.match(judgeStudio(quotas, people(2)).text, /2 of 2 user profiles: the next person has no room/);
  });
});
