import assert from "node:assert/strict";
import type { Requirement } from "../../../local/call";
import type { Service } from "../../../local/service";
import { attachServiceControl } from "../../../local/iam/organization";
import { credentialsOf } from "../../../local/iam/credentials";
import { Account, allow, deny, document, policy } from "./account";

const account = "111122223333";
const model = `arn:aws:sagemaker:eu-central-1:${account}:model/detector`;
const passed = `arn:aws:iam::${account}:role/endpoint`;

/** A SageMaker with two operations, enough to be denied. */
function sagemaker(): Service {
  return {
    id: "sagemaker",
    operations: {
      CreateModel: () => ({}),
      DescribeModel: () => ({}),
      CreateTrainingJob: () => ({}),
      ListModels: () => ({}),
    },
    permissions: {
      DescribeModel: () => [{ action: "sagemaker:DescribeModel", resource: model }],
      CreateModel: (): Requirement[] => [
        { action: "sagemaker:CreateModel", resource: model },
        { action: "iam:PassRole", resource: passed, context: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
      ],
      CreateTrainingJob: (input) => [
        {
          action: "sagemaker:CreateTrainingJob",
          resource: "*",
          context: { "sagemaker:InstanceTypes": [String(input.InstanceType)] },
        },
      ],
    },
    tagsOf: (arn) => (arn === model ? { environment: "prod" } : undefined),
  };
}

async function session(
  statements: object[],
  more: object = {},
): Promise<(operation: string, input?: object) => Promise<unknown>> {
  const cloud = new Account([sagemaker()]);
  const principal = await cloud.assume(await cloud.role("tester", policy(...statements), more));
  return (operation, input = {}) => cloud.call("sagemaker", operation, input, principal);
}

const noIdentityPolicy = (action: string, resource: string): object => ({
  name: "AccessDeniedException",
  status: 400,
  message: `User: arn:aws:sts::${account}:assumed-role/tester/session is not authorized to perform: ${action}${resource === "*" ? "" : ` on resource: ${resource}`} because no identity-based policy allows the ${action} action`,
});

describe("the authoriser", () => {
  describe("the twelve cases another emulator gets wrong", () => {
    it("allows and denies by the identity policy's action", async () => {
      const call = await session([allow("sagemaker:DescribeModel", "*")]);
      await call("DescribeModel");
      await assert.rejects(call("ListModels"), noIdentityPolicy("sagemaker:ListModels", "*"));
    });

    it("allows what an Allow is scoped to by ARN, and nothing else", async () => {
      await (
        await session([allow("sagemaker:*", `arn:aws:sagemaker:*:${account}:model/*`)])
      )("DescribeModel");
      const elsewhere = await session([allow("sagemaker:*", `arn:aws:sagemaker:*:${account}:endpoint/*`)]);
      await assert.rejects(elsewhere("DescribeModel"), noIdentityPolicy("sagemaker:DescribeModel", model));
    });

    it("denies when the Allow's condition is false", async () => {
      const call = await session([
        allow("sagemaker:*", "*", { Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" } } }),
      ]);
      await assert.rejects(call("DescribeModel"), noIdentityPolicy("sagemaker:DescribeModel", model));
    });

    it("allows when the Deny's condition is false", async () => {
      const call = await session([
        allow("sagemaker:*", "*"),
        deny("sagemaker:*", "*", { Condition: { StringNotEquals: { "aws:RequestedRegion": "eu-central-1" } } }),
      ]);
      await call("DescribeModel");
    });

    it("denies by a Deny with NotResource", async () => {
      const call = await session([
        allow("sagemaker:*", "*"),
        { Effect: "Deny", Action: "sagemaker:*", NotResource: "arn:aws:sagemaker:*:*:endpoint/*" },
      ]);
      await assert.rejects(call("DescribeModel"), {
        name: "AccessDeniedException",
        message: `User: arn:aws:sts::${account}:assumed-role/tester/session is not authorized to perform: sagemaker:DescribeModel on resource: ${model} with an explicit deny in an identity-based policy`,
      });
    });

    it("denies what the permissions boundary does not allow", async () => {
      const cloud = new Account([sagemaker()]);
      const { Policy } = await cloud.call("iam", "CreatePolicy", {
        PolicyName: "boundary",
        PolicyDocument: document(allow("s3:*", "*")),
      });
      const arn = await cloud.role("tester", policy(allow("*", "*")), { PermissionsBoundary: Policy.Arn });
      await assert.rejects(
        cloud.call("sagemaker", "DescribeModel", {}, await cloud.assume(arn)),
        /because no permissions boundary allows the sagemaker:DescribeModel action$/,
      );
    });

    it("denies what the session policy does not allow", async () => {
      const cloud = new Account([sagemaker()]);
      const principal = await cloud.assume(await cloud.role("tester", policy(allow("*", "*"))), {
        Policy: document(allow("s3:*", "*")),
      });
      await assert.rejects(
        cloud.call("sagemaker", "DescribeModel", {}, principal),
        /because no session policy allows the sagemaker:DescribeModel action$/,
      );
    });

    it("refuses a user the role that trusts only a service", async () => {
      const cloud = new Account();
      const trust = document(allow("sts:AssumeRole", undefined, { Principal: { Service: "sagemaker.amazonaws.com" } }));
      const arn = await cloud.role("tester", undefined, { AssumeRolePolicyDocument: trust });
      await assert.rejects(cloud.assume(arn), {
        name: "AccessDenied",
        status: 403,
        message: `User: arn:aws:iam::${account}:user/ab is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
      });
    });

    it("gives a user the role that trusts the account's root, if an identity policy allows it too", async () => {
      const cloud = new Account();
      const trust = document(
        allow("sts:AssumeRole", undefined, { Principal: { AWS: `arn:aws:iam::${account}:root` } }),
      );
      const arn = await cloud.role("target", undefined, { AssumeRolePolicyDocument: trust });
      const first = await cloud.assume(await cloud.role("allowed", policy(allow("sts:AssumeRole", arn))));
      assert.equal((await cloud.assume(arn, {}, first)).roleArn, arn);
      const other = await cloud.assume(await cloud.role("bare"));
      await assert.rejects(
        cloud.assume(arn, {}, other),
        /because no identity-based policy allows the sts:AssumeRole action$/,
      );
    });

    it("reads actions in any letter case", async () => {
      await (
        await session([allow("SageMaker:DESCRIBEmodel", "*")])
      )("DescribeModel");
    });

    it("denies CreateModel without iam:PassRole on the model's role", async () => {
      const call = await session([allow("sagemaker:*", "*")]);
      await assert.rejects(call("CreateModel"), noIdentityPolicy("iam:PassRole", passed));
      const passing = (service: string): object =>
        allow("iam:PassRole", passed, { Condition: { StringEquals: { "iam:PassedToService": service } } });
      await (
        await session([allow("sagemaker:*", "*"), passing("sagemaker.amazonaws.com")])
      )("CreateModel");
      await assert.rejects(
        (await session([allow("sagemaker:*", "*"), passing("lambda.amazonaws.com")]))("CreateModel"),
        /iam:PassRole/,
      );
    });

    it("denies when the sagemaker:InstanceTypes condition is false", async () => {
      const call = await session([
        allow("sagemaker:*", "*", {
          Condition: { "ForAnyValue:StringLike": { "sagemaker:InstanceTypes": "ml.g5.*" } },
        }),
      ]);
      await call("CreateTrainingJob", { InstanceType: "ml.g5.xlarge" });
      await assert.rejects(call("CreateTrainingJob", { InstanceType: "ml.p5.48xlarge" }), /no identity-based policy/);
    });
  });

  describe("condition keys", () => {
    const onlyIf = async (condition: object, input: object = {}, more: object = {}): Promise<unknown> =>
      (await session([allow("*", "*", { Condition: condition })], more))("DescribeModel", input);

    it("knows who calls, from where and when", async () => {
      await onlyIf({
        ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::${account}:role/tester` },
        StringEquals: {
          "aws:PrincipalAccount": account,
          "aws:RequestedRegion": "eu-central-1",
          "aws:ResourceAccount": account,
          "aws:PrincipalType": "AssumedRole",
        },
        StringLike: { "aws:userid": "AROA*:session", "aws:UserAgent": "test*" },
        IpAddress: { "aws:SourceIp": "127.0.0.0/8" },
        Bool: { "aws:SecureTransport": "true", "aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false" },
        DateGreaterThan: { "aws:CurrentTime": "2020-01-01T00:00:00Z", "aws:EpochTime": "1577836800" },
        Null: { "aws:username": "true", "aws:SourceArn": "true" },
      });
      await assert.rejects(
        onlyIf({ ArnEquals: { "aws:PrincipalArn": `arn:aws:sts::${account}:assumed-role/tester/session` } }),
        /not authorized/,
      );
    });

    it("knows the tags of caller, resource and request", async () => {
      await onlyIf(
        { StringEquals: { "aws:PrincipalTag/team": "vision" } },
        {},
        { Tags: [{ Key: "Team", Value: "vision" }] },
      );
      await onlyIf({
        StringEquals: { "aws:ResourceTag/environment": "prod", "sagemaker:ResourceTag/environment": "prod" },
      });
      await onlyIf(
        { StringEquals: { "aws:RequestTag/owner": "me" }, "ForAllValues:StringEquals": { "aws:TagKeys": ["owner"] } },
        { Tags: [{ Key: "owner", Value: "me" }] },
      );
      await assert.rejects(
        onlyIf({ "ForAllValues:StringEquals": { "aws:TagKeys": ["owner"] } }, { Tags: [{ Key: "other", Value: "x" }] }),
        /not authorized/,
      );
      await onlyIf({ "ForAnyValue:StringEquals": { "aws:TagKeys": "owner" } }, { TagKeys: ["owner"] });
    });

    it("puts variables of the request into the resource", async () => {
      const mine = allow("sagemaker:*", "arn:aws:sagemaker:*:*:model/${aws:PrincipalTag/model}");
      await (
        await session([mine], { Tags: [{ Key: "model", Value: "detector" }] })
      )("DescribeModel");
      await assert.rejects(
        (await session([mine], { Tags: [{ Key: "model", Value: "*" }] }))("DescribeModel"),
        /not authorized/,
      );
      await assert.rejects((await session([mine]))("DescribeModel"), /not authorized/);
    });

    it("knows since when temporary credentials are, so that older sessions can be revoked", async () => {
      const cloud = new Account([sagemaker()]);
      const arn = await cloud.role("tester", policy(allow("sagemaker:*", "*")));
      const old = await cloud.assume(arn);
      const revoke = (before: number): Promise<unknown> =>
        cloud.call("iam", "PutRolePolicy", {
          RoleName: "tester",
          PolicyName: "AWSRevokeOlderSessions",
          PolicyDocument: document(
            deny("*", "*", { Condition: { DateLessThan: { "aws:TokenIssueTime": new Date(before).toISOString() } } }),
          ),
        });
      await revoke(old.issuedMs! - 1000);
      await cloud.call("sagemaker", "DescribeModel", {}, old);
      await revoke(old.issuedMs! + 1000);
      await assert.rejects(cloud.call("sagemaker", "DescribeModel", {}, old), /explicit deny/);
    });

    it("tells temporary credentials of users from their keys", async () => {
      const cloud = new Account([sagemaker()]);
      const { Credentials } = await cloud.call("sts", "GetSessionToken");
      const temporary = credentialsOf(cloud.cloud)(Credentials.AccessKeyId as string)!.principal;
      await cloud.call("iam", "PutUserPolicy", {
        UserName: "ab",
        PolicyName: "lasting",
        PolicyDocument: document(
          deny("sagemaker:*", "*", {
            Condition: { Null: { "aws:TokenIssueTime": "false" }, Bool: { "aws:MultiFactorAuthPresent": "false" } },
          }),
        ),
      });
      await cloud.call("sagemaker", "DescribeModel");
      await assert.rejects(cloud.call("sagemaker", "DescribeModel", {}, temporary), /explicit deny/);
    });

    it("knows service principals, by the names of their services", async () => {
      const grant = document(
        allow("sagemaker:*", "*", {
          Principal: "*",
          Condition: {
            StringEquals: { "aws:PrincipalServiceName": "events.amazonaws.com", "aws:SourceAccount": account },
            Null: { "aws:PrincipalArn": "true", "aws:PrincipalAccount": "true" },
            Bool: { "aws:PrincipalIsAWSService": "true" },
          },
        }),
      );
      const cloud = new Account([{ ...sagemaker(), resourcePolicyOf: () => grant }]);
      await cloud.call(
        "sagemaker",
        "DescribeModel",
        {},
        { type: "service", arn: "events.amazonaws.com", accountId: account, id: "events.amazonaws.com" },
      );
      await assert.rejects(
        cloud.call(
          "sagemaker",
          "DescribeModel",
          {},
          { type: "service", arn: "sns.amazonaws.com", accountId: account, id: "sns.amazonaws.com" },
        ),
        /no resource-based policy/,
      );
    });

    it("sees IAM in us-east-1, so that a deny of other regions hits IAM as it does on AWS", async () => {
      const cloud = new Account();
      const only = deny("*", "*", { Condition: { StringNotEquals: { "aws:RequestedRegion": "eu-central-1" } } });
      const principal = await cloud.assume(await cloud.role("tester", policy(allow("*", "*"), only)));
      await assert.rejects(cloud.call("iam", "ListRoles", {}, principal), /explicit deny/);
    });
  });

  it("follows changes of policies at once, and forgets a role that was deleted and made again", async () => {
    const cloud = new Account([sagemaker()]);
    const principal = await cloud.assume(await cloud.role("tester", policy(allow("sagemaker:*", "*"))));
    await cloud.call("sagemaker", "DescribeModel", {}, principal);
    await cloud.call("iam", "DeleteRolePolicy", { RoleName: "tester", PolicyName: "inline" });
    await assert.rejects(cloud.call("sagemaker", "DescribeModel", {}, principal), /not authorized/);
    await cloud.call("iam", "DeleteRole", { RoleName: "tester" });
    await cloud.role("tester", policy(allow("sagemaker:*", "*")));
    await assert.rejects(cloud.call("sagemaker", "DescribeModel", {}, principal), /not authorized/);
  });

  describe("the words of a denial (troubleshooting page of the IAM user guide)", () => {
    const reader = async (more: {
      boundary?: object;
      session?: object;
      managed?: object;
      scp?: object;
    }): Promise<string> => {
      const cloud = new Account([sagemaker()]);
      const create = async (name: string, text: object): Promise<string> =>
        (await cloud.call("iam", "CreatePolicy", { PolicyName: name, PolicyDocument: JSON.stringify(text) })).Policy
          .Arn as string;
      const arn = await cloud.role(
        "tester",
        policy(allow("*", "*")),
        more.boundary && { PermissionsBoundary: await create("boundary", more.boundary) },
      );
      if (more.managed)
        await cloud.call("iam", "AttachRolePolicy", {
          RoleName: "tester",
          PolicyArn: await create("managed", more.managed),
        });
      const principal = await cloud.assume(arn, more.session && { Policy: JSON.stringify(more.session) });
      if (more.scp) attachServiceControl(cloud.cloud, [{ Ours: more.scp }]);
      return cloud.call("sagemaker", "DescribeModel", {}, principal).then(
        () => "allowed",
        (error: Error) =>
          error.message.replace(
            `User: ${principal.arn} is not authorized to perform: sagemaker:DescribeModel on resource: ${model} `,
            "",
          ),
      );
    };
    const nothing = policy(allow("s3:*", "*"));
    const forbidden = policy(allow("*", "*"), deny("sagemaker:*", "*"));
    const cases: readonly (readonly [string, Parameters<typeof reader>[0], string])[] = [
      [
        "identity policy, explicit, managed",
        { managed: forbidden },
        `with an explicit deny in an identity-based policy: arn:aws:iam::${account}:policy/managed`,
      ],
      [
        "boundary, explicit",
        { boundary: forbidden },
        `with an explicit deny in a permissions boundary: arn:aws:iam::${account}:policy/boundary`,
      ],
      [
        "boundary, implicit",
        { boundary: nothing },
        "because no permissions boundary allows the sagemaker:DescribeModel action",
      ],
      ["session policy, explicit", { session: forbidden }, "with an explicit deny in a session policy"],
      [
        "session policy, implicit",
        { session: nothing },
        "because no session policy allows the sagemaker:DescribeModel action",
      ],
      ["service control policy, explicit", { scp: forbidden }, "with an explicit deny in a service control policy"],
      [
        "service control policy, implicit",
        { scp: nothing },
        "because no service control policy allows the sagemaker:DescribeModel action",
      ],
      ["none", {}, "allowed"],
    ];
    for (const [kind, more, words] of cases) it(kind, async () => assert.equal(await reader(more), words));

    it("role trust policy, explicit", async () => {
      const cloud = new Account();
      const trust = document(
        allow("sts:AssumeRole", undefined, { Principal: { AWS: account } }),
        deny("sts:AssumeRole", undefined, { Principal: "*" }),
      );
      const arn = await cloud.role("target", undefined, { AssumeRolePolicyDocument: trust });
      await assert.rejects(cloud.assume(arn), {
        message: `User: arn:aws:iam::${account}:user/ab is not authorized to perform: sts:AssumeRole on resource: ${arn} with an explicit deny in the role trust policy`,
      });
    });
  });

  it("says which statement of which policy decided", async () => {
    const cloud = new Account([sagemaker()]);
    const principal = await cloud.assume(
      await cloud.role("tester", policy(allow("*", "*"), deny("sagemaker:*", "*", { Sid: "NoModels" }))),
    );
    const call = {
      service: "sagemaker",
      operation: "DescribeModel",
      principal,
      requestId: "r",
      now: new Date(),
      caller: { principal, sourceIp: "127.0.0.1", userAgent: "test" },
    };
    const [ruling] = cloud.authoriser.rule(cloud.cloud.services.get("sagemaker")!, {}, call);
    assert.deepEqual(ruling?.decision, {
      allowed: false,
      layer: "identity",
      explicit: true,
      policy: "inline",
      statement: "NoModels",
    });
  });

  it("lets a service principal do only what the resource's policy grants it", async () => {
    const queue = `arn:aws:sqs:eu-central-1:${account}:queue`;
    const rule = `arn:aws:events:eu-central-1:${account}:rule/r`;
    const grant = document(
      allow("sqs:SendMessage", queue, {
        Principal: { Service: "events.amazonaws.com" },
        Condition: { ArnEquals: { "aws:SourceArn": rule } },
      }),
    );
    const sqs: Service = {
      id: "sqs",
      operations: { SendMessage: () => ({}), DeleteMessage: () => ({}) },
      permissions: { SendMessage: () => [{ action: "sqs:SendMessage", resource: queue }] },
      resourcePolicyOf: (arn) => (arn === queue ? grant : undefined),
    };
    const cloud = new Account([sqs]);
    const events = {
      type: "service",
      arn: "events.amazonaws.com",
      accountId: account,
      id: "events.amazonaws.com",
      sourceArn: rule,
    } as const;
    await cloud.call("sqs", "SendMessage", {}, events);
    await assert.rejects(cloud.call("sqs", "SendMessage", {}, { ...events, sourceArn: `${rule}2` }), {
      name: "AccessDenied",
      status: 403,
    });
    await assert.rejects(cloud.call("sqs", "DeleteMessage", {}, events), { name: "AccessDenied" });
  });

  it("speaks of S3 denials as S3 does, bucket policies included", async () => {
    const bucketPolicy = document(
      deny("s3:*", ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], {
        Principal: "*",
        Condition: { StringEquals: { "aws:PrincipalTag/team": "other" } },
      }),
    );
    const s3: Service = {
      id: "s3",
      operations: { GetObject: () => ({}) },
      permissions: {
        GetObject: (input) => [{ action: "s3:GetObject", resource: `arn:aws:s3:::${input.Bucket}/${input.Key}` }],
      },
      resourcePolicyOf: (arn) => (arn === "arn:aws:s3:::b" ? bucketPolicy : undefined),
    };
    const cloud = new Account([s3]);
    await cloud.call("s3", "GetObject", { Bucket: "b", Key: "k/with:colon" });
    const other = await cloud.assume(
      await cloud.role("other", policy(allow("s3:*", "*")), { Tags: [{ Key: "team", Value: "other" }] }),
    );
    await assert.rejects(cloud.call("s3", "GetObject", { Bucket: "b", Key: "k" }, other), {
      name: "AccessDenied",
      status: 403,
      message: `User: arn:aws:sts::${account}:assumed-role/other/session is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/k" with an explicit deny in a resource-based policy`,
    });
  });
});
