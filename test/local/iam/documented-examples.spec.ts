import assert from "node:assert/strict";
import type { NamedPolicy } from "../../../local/iam/evaluate";
import { allow, deny } from "./account";
import { account, identity, resource, session, sessionOf, user, userNamed, verdict, type Case } from "./asking";

/**
 * The examples by which AWS's documentation explains evaluation, each under the name of its page in the IAM user guide.
 */
describe("AWS's documented examples", () => {
  describe("policy evaluation logic: Carlos and his log bucket", () => {
    const carlos = userNamed("carlossalazar");
    const buckets = ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"];
    const his = identity(
      {
        Sid: "AllowS3ListRead",
        ...allow(
          ["s3:GetBucketLocation", "s3:GetAccountPublicAccessBlock", "s3:ListAccessPoints", "s3:ListAllMyBuckets"],
          "arn:aws:s3:::*",
        ),
      },
      { Sid: "AllowS3Self", ...allow("s3:*", buckets) },
      { Sid: "DenyS3Logs", ...deny("s3:*", "arn:aws:s3:::*log*") },
    );
    const bucketPolicy = resource(allow("s3:*", buckets, { Principal: { AWS: carlos.arn } }));
    const put = { by: carlos, action: "s3:PutObject" };

    it("denies him the log bucket", () =>
      assert.equal(
        verdict({ ...put, on: "arn:aws:s3:::carlossalazar-logs/file", identity: [his] }),
        "denied by identity",
      ));
    it("gives him his own bucket, by either policy alone too", () => {
      assert.equal(
        verdict({ ...put, on: "arn:aws:s3:::carlossalazar/file", identity: [his], resource: bucketPolicy }),
        "allowed by resource",
      );
      assert.equal(verdict({ ...put, on: "arn:aws:s3:::carlossalazar/file", identity: [his] }), "allowed by identity");
      assert.equal(
        verdict({ ...put, on: "arn:aws:s3:::carlossalazar/file", resource: bucketPolicy }),
        "allowed by resource",
      );
    });
    it("lets him list all buckets", () =>
      assert.equal(
        verdict({ by: carlos, action: "s3:ListAllMyBuckets", on: "arn:aws:s3:::*", identity: [his] }),
        "allowed by identity",
      ));
  });

  describe("cross-account policy evaluation: Carlos and the production bucket of another account", () => {
    const carlos = userNamed("carlossalazar", "444455556666");
    const his = identity(
      { Sid: "AllowS3ListRead", ...allow("s3:ListAllMyBuckets", "*") },
      { Sid: "AllowS3ProductionObjectActions", ...allow("s3:*Object*", "arn:aws:s3:::Production/*") },
      { Sid: "DenyS3Logs", ...deny("s3:*", ["arn:aws:s3:::*log*", "arn:aws:s3:::*log*/*"]) },
    );
    const production = resource(
      allow(["s3:GetObject*", "s3:PutObject*", "s3:ReplicateObject", "s3:RestoreObject"], "arn:aws:s3:::Production/*", {
        Principal: { AWS: carlos.arn },
      }),
    );
    const ask = (action: string, on: string, policies: Partial<Case>): string =>
      verdict({ by: carlos, owner: account, action, on, ...policies });

    it("denies the log bucket by his own policy", () =>
      assert.equal(ask("s3:PutObject", "arn:aws:s3:::Production-logs/f", { identity: [his] }), "denied by identity"));
    it("allows what both accounts allow", () =>
      assert.equal(
        ask("s3:PutObject", "arn:aws:s3:::Production/f", { identity: [his], resource: production }),
        "allowed by identity",
      ));
    it("does not allow what the bucket's account does not", () =>
      assert.equal(
        ask("s3:DeleteObject", "arn:aws:s3:::Production/f", { identity: [his], resource: production }),
        "not allowed by resource",
      ));
    it("does not allow what his own account does not", () =>
      assert.equal(
        ask("s3:PutObject", "arn:aws:s3:::Production/f", { resource: production }),
        "not allowed by identity",
      ));
  });

  it("explicit and implicit denies: reports stay denied whatever else allows them", () => {
    const policies = [
      identity(
        { Sid: "AllowGetList", ...allow(["iam:Get*", "iam:List*"], "*") },
        { Sid: "DenyReports", ...deny("iam:*Report", "*") },
      ),
      identity(allow("iam:GenerateCredentialReport", "*")),
    ];
    const ask = (action: string): string => verdict({ action, on: "*", identity: policies });
    assert.equal(ask("iam:ListUsers"), "allowed by identity");
    assert.equal(ask("iam:CreatePolicy"), "not allowed by identity");
    assert.equal(ask("iam:GetOrganizationsAccessReport"), "denied by identity");
    assert.equal(ask("iam:GenerateCredentialReport"), "denied by identity");
  });

  describe("permissions boundaries", () => {
    it("Shirley may not create users: her boundary knows only S3, CloudWatch and EC2", () => {
      const boundary = identity(allow(["s3:*", "cloudwatch:*", "ec2:*"], "*"));
      const shirley = {
        by: userNamed("ShirleyRodriguez"),
        identity: [identity(allow("iam:CreateUser", "*"))],
        boundary,
      };
      assert.equal(
        verdict({ ...shirley, action: "iam:CreateUser", on: `arn:aws:iam::${account}:user/x` }),
        "not allowed by boundary",
      );
      assert.equal(verdict({ ...shirley, action: "ec2:RunInstances", on: "*" }), "not allowed by identity");
    });

    it("Zhang creates users only under the boundary he was told, and cannot take it away", () => {
      const theirs = `arn:aws:iam::${account}:policy/XCompanyBoundaries`;
      const boundary = identity(
        {
          Sid: "CreateOrChangeOnlyWithBoundary",
          ...allow(["iam:CreateUser", "iam:AttachUserPolicy", "iam:PutUserPermissionsBoundary"], "*", {
            Condition: { StringEquals: { "iam:PermissionsBoundary": theirs } },
          }),
        },
        { Sid: "OtherIAMTasks", ...allow(["iam:GetUser", "iam:DeletePolicy", "iam:*Group*"], "*") },
        { Sid: "NoBoundaryPolicyEdit", ...deny(["iam:CreatePolicyVersion", "iam:DeletePolicy"], theirs) },
        { Sid: "NoBoundaryUserDelete", ...deny("iam:DeleteUserPermissionsBoundary", "*") },
      );
      const ask = (action: string, on: string, context = {}): string =>
        verdict({ by: userNamed("Zhang"), identity: [identity(allow("iam:*", "*"))], boundary, action, on, context });
      const nikhil = `arn:aws:iam::${account}:user/Nikhil`;
      assert.equal(ask("iam:CreateUser", nikhil), "not allowed by boundary");
      assert.equal(
        ask("iam:CreateUser", nikhil, { "iam:PermissionsBoundary": `${theirs}2` }),
        "not allowed by boundary",
      );
      assert.equal(ask("iam:CreateUser", nikhil, { "iam:PermissionsBoundary": theirs }), "allowed by identity");
      assert.equal(ask("iam:DeleteUserPermissionsBoundary", nikhil), "denied by boundary");
      assert.equal(ask("iam:DeletePolicy", theirs), "denied by boundary");
      assert.equal(ask("iam:AddUserToGroup", `arn:aws:iam::${account}:group/g`), "allowed by identity");
      assert.equal(ask("iam:CreateRole", `arn:aws:iam::${account}:role/r`), "not allowed by boundary");
    });
  });

  describe("resource-based policies and implicit denies elsewhere (the table of the same-account logic)", () => {
    const nothing = identity(allow("ec2:*", "*"));
    const everything = identity(allow("*", "*"));
    const naming = (arn: string): NamedPolicy => resource(allow("s3:*", "*", { Principal: { AWS: arn } }));
    const rows: readonly (readonly [who: string, one: Partial<Case>, expected: string])[] = [
      ["user: identity policies are not asked", { resource: naming(user.arn) }, "allowed by resource"],
      ["user: the boundary is not asked", { resource: naming(user.arn), boundary: nothing }, "allowed by resource"],
      [
        "role: identity policies are not asked",
        { by: session, resource: naming(session.roleArn!) },
        "allowed by resource",
      ],
      [
        "role: the boundary limits",
        { by: session, resource: naming(session.roleArn!), boundary: nothing },
        "not allowed by boundary",
      ],
      [
        "role: the session policy limits",
        { by: session, resource: naming(session.roleArn!), session: [nothing] },
        "not allowed by session",
      ],
      [
        "role: boundary and session policy that allow are enough",
        { by: session, resource: naming(session.roleArn!), boundary: everything, session: [everything] },
        "allowed by resource",
      ],
      [
        "session: neither boundary nor session policy is asked",
        { by: session, resource: naming(session.arn), boundary: nothing, session: [nothing] },
        "allowed by resource",
      ],
      [
        "session: service control policies limit all the same",
        { by: session, resource: naming(session.arn), serviceControl: [[nothing]] },
        "not allowed by service-control",
      ],
      [
        "session: an explicit deny in its boundary counts",
        { by: session, resource: naming(session.arn), boundary: identity(allow("*", "*"), deny("s3:*", "*")) },
        "denied by boundary",
      ],
      [
        "account: its own policies decide",
        { resource: naming(`arn:aws:iam::${account}:root`), boundary: everything },
        "not allowed by identity",
      ],
    ];
    for (const [who, one, expected] of rows) it(who, () => assert.equal(verdict(one), expected));
  });

  describe("service control policies: what is not allowed on every level is denied", () => {
    const full = identity(allow("*", "*"));
    const mine = [full];
    it("FullAWSAccess everywhere changes nothing", () =>
      assert.equal(verdict({ identity: mine, serviceControl: [[full], [full], [full]] }), "allowed by identity"));
    it("grants nothing by itself", () =>
      assert.equal(verdict({ serviceControl: [[full]] }), "not allowed by identity"));
    it("an allow list at the unit is the most the account can have", () => {
      assert.equal(
        verdict({ identity: mine, serviceControl: [[full], [identity(allow(["ec2:*", "s3:*"], "*"))], [full]] }),
        "allowed by identity",
      );
      assert.equal(
        verdict({ identity: mine, serviceControl: [[full], [identity(allow("ec2:*", "*"))], [full]] }),
        "not allowed by service-control",
      );
    });
    it("a deny list at the root reaches all below, though they allow everything", () => {
      assert.equal(
        verdict({ identity: mine, serviceControl: [[full, identity(deny("s3:*", "*"))], [full]] }),
        "denied by service-control",
      );
    });
    it("denies regions, but not the services that have none (NotAction)", () => {
      const regions = identity(allow("*", "*"), {
        Effect: "Deny",
        NotAction: ["iam:*", "organizations:*"],
        Resource: "*",
        Condition: { StringNotEquals: { "aws:RequestedRegion": ["eu-central-1", "eu-west-1"] } },
      });
      const ask = (action: string, region: string): string =>
        verdict({
          action,
          on: "*",
          identity: mine,
          serviceControl: [[regions]],
          context: { "aws:RequestedRegion": region },
        });
      assert.equal(ask("sagemaker:CreateModel", "us-east-1"), "denied by service-control");
      assert.equal(ask("sagemaker:CreateModel", "eu-west-1"), "allowed by identity");
      assert.equal(ask("iam:CreateRole", "us-east-1"), "allowed by identity");
    });
  });

  describe("policy elements", () => {
    it("NotAction with Allow: every action of S3 but one; of other services none", () => {
      const but = [identity({ Effect: "Allow", NotAction: "s3:DeleteBucket", Resource: "arn:aws:s3:::*" })];
      assert.equal(verdict({ identity: but, action: "s3:ListBucket", on: "arn:aws:s3:::b" }), "allowed by identity");
      assert.equal(
        verdict({ identity: but, action: "s3:DeleteBucket", on: "arn:aws:s3:::b" }),
        "not allowed by identity",
      );
      assert.equal(
        verdict({ identity: but, action: "sqs:SendMessage", on: `arn:aws:sqs:eu-central-1:${account}:q` }),
        "not allowed by identity",
      );
    });
    it("NotAction with Deny: without MFA nothing but IAM", () => {
      const mfa = [
        identity(allow("*", "*"), {
          Effect: "Deny",
          NotAction: "iam:*",
          Resource: "*",
          Condition: { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } },
        }),
      ];
      assert.equal(verdict({ identity: mfa }), "denied by identity");
      assert.equal(
        verdict({ identity: mfa, context: { "aws:MultiFactorAuthPresent": "false" } }),
        "denied by identity",
      );
      assert.equal(
        verdict({ identity: mfa, context: { "aws:MultiFactorAuthPresent": "true" } }),
        "allowed by identity",
      );
      assert.equal(verdict({ identity: mfa, action: "iam:ListUsers", on: "*" }), "allowed by identity");
    });
    it("NotResource with Deny: everything but one bucket", () => {
      const hr = ["arn:aws:s3:::HRBucket/Payroll", "arn:aws:s3:::HRBucket/Payroll/*"];
      const policies = [identity(allow("s3:*", "*"), { Effect: "Deny", Action: "s3:*", NotResource: hr })];
      assert.equal(verdict({ identity: policies, on: "arn:aws:s3:::HRBucket/Payroll/june" }), "allowed by identity");
      assert.equal(verdict({ identity: policies, on: "arn:aws:s3:::HRBucket/Other" }), "denied by identity");
    });
    it("NotPrincipal with Deny: all but Bob, and all but one session of the audit role", () => {
      const bob = userNamed("Bob", "444455556666");
      const open = (NotPrincipal: object): NamedPolicy =>
        resource(
          { Effect: "Deny", Action: "s3:*", Resource: "*", NotPrincipal },
          allow("s3:*", "*", { Principal: "*" }),
        );
      const mine = [identity(allow("s3:*", "*"))];
      const but = open({ AWS: [bob.arn, "arn:aws:iam::444455556666:root"] });
      assert.equal(verdict({ by: bob, owner: account, identity: mine, resource: but }), "allowed by identity");
      assert.equal(
        verdict({ by: userNamed("Alice", "444455556666"), owner: account, identity: mine, resource: but }),
        "denied by resource",
      );
      const app = sessionOf("cross-account-read-only-role", "cross-account-audit-app", "444455556666");
      assert.equal(
        verdict({
          by: app,
          owner: account,
          identity: mine,
          resource: open({ AWS: [app.arn, app.roleArn, "arn:aws:iam::444455556666:root"] }),
        }),
        "allowed by identity",
      );
      assert.equal(
        verdict({
          by: sessionOf("other", "x", "444455556666"),
          owner: account,
          identity: mine,
          resource: open({ AWS: [app.arn, app.roleArn, "arn:aws:iam::444455556666:root"] }),
        }),
        "denied by resource",
      );
    });
    it("Null: only with long-lived credentials, by the absence of aws:TokenIssueTime", () => {
      const lasting = [identity(allow("ec2:*", "*", { Condition: { Null: { "aws:TokenIssueTime": "true" } } }))];
      assert.equal(verdict({ action: "ec2:StopInstances", on: "*", identity: lasting }), "allowed by identity");
      assert.equal(
        verdict({
          action: "ec2:StopInstances",
          on: "*",
          identity: lasting,
          context: { "aws:TokenIssueTime": "2026-01-01T00:00:00Z" },
        }),
        "not allowed by identity",
      );
    });
    it("variables: each user the folder of their name", () => {
      const home = [
        identity(
          allow("s3:ListBucket", "arn:aws:s3:::mybucket", {
            Condition: { StringLike: { "s3:prefix": "${aws:username}/*" } },
          }),
          allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::mybucket/${aws:username}/*"),
        ),
      ];
      const as = (name: string): Partial<Case> => ({
        identity: home,
        context: { "aws:username": name, "s3:prefix": "David/" },
      });
      assert.equal(verdict({ ...as("David"), on: "arn:aws:s3:::mybucket/David/x" }), "allowed by identity");
      assert.equal(verdict({ ...as("Adele"), on: "arn:aws:s3:::mybucket/David/x" }), "not allowed by identity");
      assert.equal(
        verdict({ ...as("David"), action: "s3:ListBucket", on: "arn:aws:s3:::mybucket" }),
        "allowed by identity",
      );
      assert.equal(
        verdict({ ...as("Adele"), action: "s3:ListBucket", on: "arn:aws:s3:::mybucket" }),
        "not allowed by identity",
      );
      assert.equal(
        verdict({ identity: home, on: "arn:aws:s3:::mybucket/${aws:username}/x" }),
        "not allowed by identity",
      );
    });
    it("variables without a value: equal to nothing, so that the inverted operator denies", () => {
      const teams = resource(
        allow("s3:GetObject", "*", { Principal: "*" }),
        deny("s3:GetObject", "*", {
          Principal: "*",
          Condition: { StringNotEquals: { "s3:ExistingObjectTag/Team": "${aws:PrincipalTag/Team}" } },
        }),
      );
      assert.equal(
        verdict({ resource: teams, context: { "s3:ExistingObjectTag/Team": "blue", "aws:PrincipalTag/Team": "blue" } }),
        "allowed by resource",
      );
      assert.equal(
        verdict({ resource: teams, context: { "s3:ExistingObjectTag/Team": "blue" } }),
        "denied by resource",
      );
    });
  });

  describe("multivalued context keys: attributes of a table", () => {
    const allowed = identity(
      allow("dynamodb:GetItem", "*", {
        Condition: {
          "ForAllValues:StringLike": { "dynamodb:requestedAttributes": ["PostDateTime", "Message", "Tags"] },
        },
      }),
    );
    const denied = identity(
      allow("*", "*"),
      deny("dynamodb:PutItem", "*", {
        Condition: { "ForAnyValue:StringLike": { "dynamodb:requestedAttributes": ["ID", "PostDateTime"] } },
      }),
    );
    const ask = (policy: NamedPolicy, action: string, attributes?: string[]): string =>
      verdict({
        identity: [policy],
        action,
        on: "*",
        context: attributes ? { "dynamodb:requestedAttributes": attributes } : {},
      });
    it("ForAllValues wants every value of the request in the list", () => {
      assert.equal(ask(allowed, "dynamodb:GetItem", ["PostDateTime", "Message"]), "allowed by identity");
      assert.equal(ask(allowed, "dynamodb:GetItem", ["PostDateTime", "ID"]), "not allowed by identity");
      assert.equal(ask(allowed, "dynamodb:GetItem"), "allowed by identity");
      assert.equal(ask(allowed, "dynamodb:GetItem", [""]), "allowed by identity");
    });
    it("ForAnyValue is content with one", () => {
      assert.equal(ask(denied, "dynamodb:PutItem", ["UserName", "Message", "PostDateTime"]), "denied by identity");
      assert.equal(ask(denied, "dynamodb:PutItem", ["UserName"]), "allowed by identity");
      assert.equal(ask(denied, "dynamodb:PutItem"), "allowed by identity");
    });
  });
});
