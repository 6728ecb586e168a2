import assert from "node:assert/strict";
import { type Statement, policyDocument, trustPeople, trustService, trustServiceBlindly } from "../../../infra/identity/document";
import { joinNetwork } from "../../../infra/identity/documents/network";
import { foundationRoles } from "../../../infra/identity/foundation-roles";
import { permissionsBoundary } from "../../../infra/identity/documents/boundary";
import { humanRoles, type RoleDescription, serviceRoles } from "../../../infra/identity/roles";
import { environments } from "../../../infra/settings";
import { scopeOf } from "../../support/scope";

const statementsOf = (role: RoleDescription): Statement[] => Object.values(role.duties).flat();
const inlineLimit = 10_240;
const managedLimit = 6_144;

for (const environment of environments) {
  const scope = scopeOf(environment);
  const roles = Object.entries({ ...serviceRoles(scope), ...humanRoles(scope), ...foundationRoles(scope) }) as [string, RoleDescription][];

  describe(`roles of ${environment}`, () => {
    for (const [name, role] of roles) {
      it(`${name} stays below IAM's limit for inline policies`, () => {
        assert.ok(policyDocument(statementsOf(role)).length < inlineLimit - 500, "the MLflow grant comes on top");
      });

      it(`${name} has statement ids that are unique and alphanumeric`, () => {
        const ids = statementsOf(role).map(({ Sid }) => Sid);
        assert.deepEqual(ids.filter((id, index) => ids.indexOf(id) !== index), []);
        assert.ok(ids.every((id) => /^[A-Za-z0-9]+$/.test(id)));
      });

      it(`${name} is allowed nothing by "Action: *" and no whole service`, () => {
        const wide = statementsOf(role).filter(({ Effect, Action }) => Effect === "Allow" && Action.some((action) => /^(\*|[\w-]+:\*)$/.test(action)));
        assert.deepEqual(wide, []);
      });

      it(`${name} passes only exact roles, only to SageMaker`, () => {
        for (const { Resource, Condition } of statementsOf(role).filter(({ Effect, Action }) => Effect === "Allow" && Action.some((action) => /^iam:(Pass|\*)/.test(action)))) {
          assert.ok(Resource!.every((arn) => arn.startsWith(`arn:aws:iam::123456789012:role/peregrine/${environment}/`) && !/[*?]/.test(arn)));
          assert.deepEqual(Condition, { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } });
        }
      });

      it(`${name} allows changes on named resources only`, () => {
        const harmless = /:(Get|List|Describe|Search|Batch|Simulate|Lookup|Check)|^cloudwatch:PutMetricData$|^kms:(Decrypt|GenerateDataKey)$/;
        const open = statementsOf(role).filter(({ Effect, Action, Resource }) => Effect === "Allow" && Resource?.includes("*") && !Action.every((action) => harmless.test(action)));
        assert.deepEqual(open, []);
      });
    }

    it("keep the permissions boundary below the limit for managed policies", () => {
      assert.ok(policyDocument(permissionsBoundary(scope)).length < managedLimit);
    });

    it("deny every person the other environments, by name and by tag", () => {
      for (const role of Object.values(humanRoles(scope)) as RoleDescription[]) {
        const denials = statementsOf(role).filter(({ Effect }) => Effect === "Deny");
        for (const other of environments.filter((name) => name !== environment)) {
          assert.ok(denials.some(({ Resource }) => Resource?.includes(`arn:aws:sagemaker:eu-central-1:123456789012:*/peregrine-${other}-*`)));
          assert.ok(denials.some(({ Condition }) => (Condition?.["StringEquals"]?.["aws:ResourceTag/environment"] as string[] | undefined)?.includes(other)));
        }
      }
    });
  });
}

describe("separation of roles", () => {
  const people = humanRoles(scopeOf("dev")) as Record<string, RoleDescription>;
  const allows = (role: string, action: string) => statementsOf(people[role]!).some((one) => one.Effect === "Allow" && one.Action.includes(action));
  const denies = (role: string, action: string) => statementsOf(people[role]!).some((one) => one.Effect === "Deny" && !one.Condition && one.Action.includes(action) && one.Resource?.includes("*"));

  it("gives approval to approvers alone", () => {
    assert.ok(allows("approver", "sagemaker:UpdateModelPackage"));
    for (const role of ["data-scientist", "ml-engineer", "auditor"]) {
      assert.ok(!allows(role, "sagemaker:UpdateModelPackage"));
      assert.ok(denies(role, "sagemaker:UpdateModelPackage"));
    }
  });

  it("lets approvers decide only by approving or rejecting", () => {
    const decide = statementsOf(people["approver"]!).find(({ Sid }) => Sid === "DecideCandidates")!;
    assert.deepEqual(decide.Condition, { StringEquals: { "sagemaker:ModelApprovalStatus": ["Approved", "Rejected"] } });
  });

  it("keeps approvers from training", () => {
    assert.ok(denies("approver", "sagemaker:StartPipelineExecution"));
    assert.ok(denies("approver", "sagemaker:Create*"));
  });

  it("has no data scientist outside of development", () => {
    assert.ok("data-scientist" in humanRoles(scopeOf("dev")));
    for (const environment of ["staging", "prod"]) assert.ok(!("data-scientist" in humanRoles(scopeOf(environment))));
  });

  it("never lets the pipeline approve its own candidates", () => {
    const denial = statementsOf(serviceRoles(scopeOf("dev"))["pipeline-execution"]).find(({ Sid }) => Sid === "NeverApprove")!;
    assert.deepEqual([denial.Effect, denial.Condition], ["Deny", { StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" } }]);
  });

  it("limits the instance types of jobs where a condition key exists, on the role that creates them", () => {
    const limit = statementsOf(serviceRoles(scopeOf("dev"))["pipeline-execution"]).find(({ Sid }) => Sid === "LimitInstanceTypes")!;
    assert.deepEqual(limit.Condition, { "ForAnyValue:StringNotEquals": { "sagemaker:InstanceTypes": ["ml.g4dn.xlarge", "ml.m5.xlarge"] } });
  });

  it("allows nobody to write the dataset", () => {
    for (const [name, role] of Object.entries({ ...serviceRoles(scopeOf("dev")), ...people }))
      for (const { Effect, Action, Resource } of statementsOf(role))
        if (Effect === "Allow" && Resource?.some((arn) => arn.includes("lucaskle-ab3-project-pv"))) assert.ok(Action.every((action) => /^s3:(Get|List)/.test(action)), name);
  });
});

describe("joining the network", () => {
  it("takes subnets and groups of the environment alone, told by their tags", () => {
    const statements = joinNetwork(scopeOf("prod"));
    const join = statements.find(({ Sid }) => Sid === "JoinSubnets")!;
    assert.deepEqual(join.Resource, ["arn:aws:ec2:eu-central-1:123456789012:subnet/*", "arn:aws:ec2:eu-central-1:123456789012:security-group/*"]);
    assert.deepEqual(join.Condition, { StringEquals: { "aws:ResourceTag/project": "peregrine", "aws:ResourceTag/environment": "prod" } });
    assert.ok(statements.filter(({ Resource }) => Resource!.includes("*")).every(({ Action }) => Action.every((action) => action.startsWith("ec2:Describe"))));
  });

  it("is for execution roles of jobs and endpoints, and for no person, and only where there is a network of ours", () => {
    const mayJoin = (role: RoleDescription) => statementsOf(role).some(({ Action }) => Action.includes("ec2:CreateNetworkInterface"));
    const services = serviceRoles(scopeOf("prod"));
    assert.deepEqual(Object.entries(services).filter(([, role]) => mayJoin(role)).map(([name]) => name), ["training-execution", "processing-execution", "endpoint-execution"]);
    assert.ok(!Object.values(humanRoles(scopeOf("prod"))).some(mayJoin));
    assert.ok(!Object.values(serviceRoles(scopeOf("dev"))).some(mayJoin));
    assert.ok(policyDocument(permissionsBoundary(scopeOf("prod"))).includes("ec2:CreateNetworkInterface"));
  });
});

describe("trust", () => {
  it("of services holds for our own account only", () => {
    assert.deepEqual(JSON.parse(trustService("sagemaker.amazonaws.com", "123456789012")).Statement[0].Condition, { StringEquals: { "aws:SourceAccount": "123456789012" } });
  });

  it("of services that do not say for whom they act has no condition, which would shut them out", () => {
    const { "trail-logs": trail } = foundationRoles(scopeOf("prod"));
    assert.deepEqual(trail!.trusted, { service: "cloudtrail.amazonaws.com", sendsNoAccount: true });
    assert.equal(JSON.parse(trustServiceBlindly("cloudtrail.amazonaws.com")).Statement[0].Condition, undefined);
  });

  it("of people can demand a second factor", () => {
    assert.deepEqual(JSON.parse(trustPeople(["arn:aws:iam::123456789012:root"], true)).Statement[0].Condition, { Bool: { "aws:MultiFactorAuthPresent": "true" } });
    assert.equal(JSON.parse(trustPeople(["arn:aws:iam::123456789012:root"], false)).Statement[0].Condition, undefined);
  });
});
