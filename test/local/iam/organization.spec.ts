import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { Service } from "../../../local/service";
import { attachServiceControl, ServiceControlInvalid, type ServiceControlLevel } from "../../../local/iam/organization";
import { Account, allow, deny, policy } from "./account";
import { makeTemporaryFolder } from "../../support/temporary-folder";

const id = "111122223333";
const full: ServiceControlLevel = { FullAWSAccess: policy(allow("*", "*")) };
const sagemaker = (): Service => ({
  id: "sagemaker",
  operations: { ListModels: () => ({}), ListEndpoints: () => ({}) },
});

describe("service control policies over the account", () => {
  it("hold for every user and role, its administrator too, and only while they are attached", async () => {
    const account = new Account([sagemaker()]);
    const session = await account.assume(await account.role("r", policy(allow("*", "*"))));
    attachServiceControl(account.cloud, [full, { ...full, NoEndpoints: policy(deny("sagemaker:ListEndpoints", "*")) }]);
    for (const principal of [account.admin, session]) {
      await account.call("sagemaker", "ListModels", {}, principal);
      await assert.rejects(account.call("sagemaker", "ListEndpoints", {}, principal), {
        name: "AccessDeniedException",
        message: `User: ${principal.arn} is not authorized to perform: sagemaker:ListEndpoints with an explicit deny in a service control policy`,
      });
    }
    attachServiceControl(account.cloud, []);
    await account.call("sagemaker", "ListEndpoints", {}, session);
  });

  it("deny the root user what a level does not allow, in AWS's words", async () => {
    const account = new Account([sagemaker()]);
    const root = { type: "root", arn: `arn:aws:iam::${id}:root`, accountId: id, id } as const;
    attachServiceControl(account.cloud, [full, { OnlyS3: policy(allow("s3:*", "*")) }]);
    await assert.rejects(
      account.call("sagemaker", "ListModels", {}, root),
      /is not authorized to perform: sagemaker:ListModels because no service control policy allows the sagemaker:ListModels action$/,
    );
  });

  it("leave service-linked roles alone", async () => {
    const account = new Account([sagemaker()]);
    const { Role } = await account.call("iam", "CreateServiceLinkedRole", {
      AWSServiceName: "sagemaker.application-autoscaling.amazonaws.com",
    });
    const session = {
      type: "role",
      arn: `arn:aws:sts::${id}:assumed-role/${Role.RoleName}/s`,
      accountId: id,
      id: `${Role.RoleId}:s`,
      roleArn: Role.Arn as string,
    } as const;
    attachServiceControl(account.cloud, [{ OnlyS3: policy(allow("s3:*", "*")) }]);
    await assert.rejects(account.call("sagemaker", "ListModels", {}, session), /no identity-based policy/);
  });

  it("are part of what the policy simulator answers", async () => {
    const account = new Account();
    const role = await account.role("r", policy(allow("*", "*")));
    const simulate = async (): Promise<unknown> => {
      const { EvaluationResults } = await account.call("iam", "SimulatePrincipalPolicy", {
        PolicySourceArn: role,
        ActionNames: ["s3:ListBucket"],
      });
      return [EvaluationResults[0].EvalDecision, EvaluationResults[0].OrganizationsDecisionDetail];
    };
    assert.deepEqual(await simulate(), ["allowed", undefined]);
    attachServiceControl(account.cloud, [{ NoS3: policy(allow(["iam:*", "sts:*"], "*")) }]);
    assert.deepEqual(await simulate(), ["implicitDeny", { AllowedByOrganizations: false }]);
  });

  it("outlast a restart", async () => {
    const stateDir = makeTemporaryFolder("scp");
    try {
      const account = new Account([sagemaker()], { stateDir });
      attachServiceControl(account.cloud, [{ ...full, NoModels: policy(deny("sagemaker:ListModels", "*")) }]);
      await account.cloud.stop();
      const again = new Account([sagemaker()], { stateDir });
      await assert.rejects(again.call("sagemaker", "ListModels"), /service control policy$/);
      await again.cloud.stop();
    } finally {
      rmSync(stateDir, { recursive: true });
    }
  });

  it("are refused with all that is wrong with them, and nothing changes", async () => {
    const account = new Account([sagemaker()]);
    attachServiceControl(account.cloud, [{ ...full, NoModels: policy(deny("sagemaker:ListModels", "*")) }]);
    const wrong = [
      {},
      { A: policy(allow("s3:*")), B: policy(allow("s3:*", "*", { Principal: "*" })) },
      "x" as unknown as ServiceControlLevel,
    ];
    assert.throws(
      () => attachServiceControl(account.cloud, wrong),
      (error: ServiceControlInvalid) => {
        assert.deepEqual(error.problems, [
          "level 1 has no policy: attach at least one that allows, as FullAWSAccess does",
          "A of level 2: Policy statement must contain resources.",
          "B of level 2: Policy document should not specify a principal.",
          "level 3 is not an object of policies by name",
        ]);
        return true;
      },
    );
    await assert.rejects(account.call("sagemaker", "ListModels"), /service control policy$/);
  });
});
