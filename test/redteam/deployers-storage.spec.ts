import {
  DeleteTrailCommand,
  PutEventSelectorsCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from "@aws-sdk/client-cloudtrail";
import { DeleteLogGroupCommand, PutRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateGrantCommand,
  DescribeKeyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  PutBucketAclCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import type { EnvironmentName } from "../../contract/environments";
import type { Clients } from "../../automation/roles/matrix/clients";
import { attack } from "./attack";
import type { Platform } from "./platform";
import { all, artifact, bucketSettings, serving, trail } from "./protected";
import type { PersonRole } from "./sessions";

/** The bucket's own policy with one statement more. */
async function letIn(there: Platform, Bucket: string, arn: string): Promise<string> {
  const { Policy } = await there.administrator.s3.send(new GetBucketPolicyCommand({ Bucket }));
  const policy = JSON.parse(Policy!) as { Statement: object[] };
  return JSON.stringify({
    ...policy,
    Statement: [
      ...policy.Statement,
      {
        Sid: "Mine",
        Effect: "Allow",
        Principal: { AWS: arn },
        Action: "s3:*",
        Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
      },
    ],
  });
}

describe("nobody silences the trail", () => {
  const trailName = "peregrine-prod-trail";
  attack("the deployer of prod turns off the lock of the trail's bucket", {
    before: "reached: a bucket without a default lock",
    unchanged: bucketSettings((there) => there.auditBucket("prod")),
    chain: async (steps, there) => {
      const emil = await there.as("prod", "deployer");
      const Bucket = await there.auditBucket("prod");
      await steps.refused("s3:PutBucketObjectLockConfiguration", "turns it off", () =>
        emil.s3.send(
          new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" } }),
        ),
      );
    },
  });

  attack("the deployer of prod shuts CloudTrail out of the trail's bucket", {
    before: "reached: a bucket policy without CloudTrail",
    unchanged: bucketSettings((there) => there.auditBucket("prod")),
    chain: async (steps, there) => {
      const emil = await there.as("prod", "deployer");
      const Bucket = await there.auditBucket("prod");
      const { Policy: before } = await there.administrator.s3.send(new GetBucketPolicyCommand({ Bucket }));
      try {
        const Policy = JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Deny",
              Principal: { Service: "cloudtrail.amazonaws.com" },
              Action: "s3:*",
              Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
            },
          ],
        });
        await steps.refused("s3:PutBucketPolicy", "shuts it out", () =>
          emil.s3.send(new PutBucketPolicyCommand({ Bucket, Policy })),
        );
      } finally {
        await there.administrator.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: before! }));
      }
    },
  });

  const silences: Readonly<Record<string, readonly [action: string, (clients: Clients) => Promise<unknown>]>> = {
    "stops the trail": [
      "cloudtrail:StopLogging",
      ({ cloudtrail }) => cloudtrail.send(new StopLoggingCommand({ Name: trailName })),
    ],
    "has it record nothing": [
      "cloudtrail:PutEventSelectors",
      ({ cloudtrail }) =>
        cloudtrail.send(
          new PutEventSelectorsCommand({
            TrailName: trailName,
            EventSelectors: [{ ReadWriteType: "ReadOnly", IncludeManagementEvents: false }],
          }),
        ),
    ],
    "sends it to a bucket of others": [
      "cloudtrail:UpdateTrail",
      ({ cloudtrail }) => cloudtrail.send(new UpdateTrailCommand({ Name: trailName, S3BucketName: "elsewhere" })),
    ],
    "deletes it": [
      "cloudtrail:DeleteTrail",
      ({ cloudtrail }) => cloudtrail.send(new DeleteTrailCommand({ Name: trailName })),
    ],
    "keeps its log for a day": [
      "logs:PutRetentionPolicy",
      ({ logs }) =>
        logs.send(new PutRetentionPolicyCommand({ logGroupName: "/peregrine/prod/trail", retentionInDays: 1 })),
    ],
    "deletes its log": [
      "logs:DeleteLogGroup",
      ({ logs }) => logs.send(new DeleteLogGroupCommand({ logGroupName: "/peregrine/prod/trail" })),
    ],
  };
  for (const role of ["ml-engineer", "approver", "auditor", "deployer"] as const)
    for (const [deed, [action, send]] of Object.entries(silences))
      attack(`the ${role} of prod ${deed}`, {
        before:
          role === "deployer" && action.startsWith("logs:")
            ? "reached: the group"
            : "held: refused at the first request",
        unchanged: trail("prod"),
        chain: async (steps, there) => {
          const clients = await there.as("prod", role);
          await steps.refused(action, deed, () => send(clients));
        },
      });

  attack("the deployer of dev deletes the log of release builds", {
    before: "reached: the group is gone",
    chain: async (steps, there) => {
      const emil = await there.as("dev", "deployer");
      await steps.refused("logs:DeleteLogGroup", "deletes it", () =>
        emil.logs.send(new DeleteLogGroupCommand({ logGroupName: "/aws/codebuild/peregrine-dev-release" })),
      );
    },
  });

  for (const role of ["ml-engineer", "approver", "auditor", "deployer"] as const) {
    attack(`the ${role} of prod lends the key`, {
      before: "held: refused at the first request",
      chain: async (steps, there) => {
        const clients = await there.as("prod", role);
        const KeyId = await keyOf(there, "alias/peregrine-prod");
        await steps.refused("kms:CreateGrant", "lends it", () =>
          clients.kms.send(
            new CreateGrantCommand({ KeyId, GranteePrincipal: there.roleArn("prod", role), Operations: ["Decrypt"] }),
          ),
        );
      },
    });
    attack(`the ${role} of prod changes who uses the trail's key`, {
      before: "held: refused at the first request",
      chain: async (steps, there) => {
        const clients = await there.as("prod", role);
        const KeyId = await keyOf(there, "alias/peregrine-prod-audit");
        await steps.refused("kms:PutKeyPolicy", "changes its policy", () =>
          clients.kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy: "{}" })),
        );
      },
    });
    attack(`the ${role} of prod ends the trail's key`, {
      before: "held: refused at the first request",
      chain: async (steps, there) => {
        const clients = await there.as("prod", role);
        const KeyId = await keyOf(there, "alias/peregrine-prod-audit");
        await steps.refused("kms:ScheduleKeyDeletion", "ends it", () =>
          clients.kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 })),
        );
      },
    });
  }
});

describe("a deployer cannot open what data is kept in", () => {
  for (const [environment, key] of [
    ["dev", "sources/peregrine.zip"],
    ["prod", "ledger/ledger.jsonl"],
    ["prod", "releases/red-team"],
  ] as const)
    attack(`the deployer of ${environment} writes ${key} by a bucket policy of the deployer's own`, {
      before: "reached: the object",
      unchanged: all(
        artifact(environment, key),
        bucketSettings((there) => there.artifacts(environment)),
      ),
      chain: async (steps, there) => {
        const emil = await there.as(environment, "deployer");
        const Bucket = there.artifacts(environment);
        const { Policy: before } = await there.administrator.s3.send(new GetBucketPolicyCommand({ Bucket }));
        try {
          const Policy = await letIn(there, Bucket, there.roleArn(environment, "deployer"));
          await steps.refused("s3:PutBucketPolicy", "lets the deployer in", () =>
            emil.s3.send(new PutBucketPolicyCommand({ Bucket, Policy })),
          );
          await steps.refused("s3:PutObject", `writes ${key}`, () =>
            emil.s3.send(new PutObjectCommand({ Bucket, Key: key, Body: "mine" })),
          );
        } finally {
          await there.administrator.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: before! }));
        }
      },
    });

  const settings: Readonly<
    Record<string, readonly [action: string, (clients: Clients, Bucket: string) => Promise<unknown>]>
  > = {
    "takes the policy off": [
      "s3:DeleteBucketPolicy",
      ({ s3 }, Bucket) => s3.send(new DeleteBucketPolicyCommand({ Bucket })),
    ],
    "has everything expire": [
      "s3:PutLifecycleConfiguration",
      ({ s3 }, Bucket) =>
        s3.send(
          new PutBucketLifecycleConfigurationCommand({
            Bucket,
            LifecycleConfiguration: {
              Rules: [{ ID: "end", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 1 } }],
            },
          }),
        ),
    ],
    "keeps no versions any more": [
      "s3:PutBucketVersioning",
      ({ s3 }, Bucket) =>
        s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } })),
    ],
    "opens it to the public": [
      "s3:PutBucketPublicAccessBlock",
      ({ s3 }, Bucket) =>
        s3.send(
          new PutPublicAccessBlockCommand({
            Bucket,
            PublicAccessBlockConfiguration: {
              BlockPublicAcls: false,
              BlockPublicPolicy: false,
              IgnorePublicAcls: false,
              RestrictPublicBuckets: false,
            },
          }),
        ),
    ],
    "sends its events elsewhere": [
      "s3:PutBucketNotification",
      ({ s3 }, Bucket) =>
        s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} })),
    ],
    "lets its objects have owners": [
      "s3:PutBucketOwnershipControls",
      ({ s3 }, Bucket) =>
        s3.send(
          new PutBucketOwnershipControlsCommand({
            Bucket,
            OwnershipControls: { Rules: [{ ObjectOwnership: "ObjectWriter" }] },
          }),
        ),
    ],
    "gives it an access list": [
      "s3:PutBucketAcl",
      ({ s3 }, Bucket) => s3.send(new PutBucketAclCommand({ Bucket, ACL: "public-read" })),
    ],
    "copies it elsewhere": [
      "(s3:PutReplicationConfiguration|iam:PassRole)",
      ({ s3 }, Bucket) =>
        s3.send(
          new PutBucketReplicationCommand({
            Bucket,
            ReplicationConfiguration: {
              Role: "arn:aws:iam::111122223333:role/none",
              Rules: [{ Status: "Enabled", Destination: { Bucket: "arn:aws:s3:::elsewhere" } }],
            },
          }),
        ),
    ],
  };
  const buckets: readonly [string, EnvironmentName, (there: Platform) => string | Promise<string>][] = [
    ["the registry's bucket", "dev", (there) => there.artifacts("dev")],
    ["production's bucket", "prod", (there) => there.artifacts("prod")],
    ["the trail's bucket", "prod", (there) => there.auditBucket("prod")],
  ];
  for (const [what, environment, bucketOf] of buckets)
    for (const [deed, [action, send]] of Object.entries(settings))
      attack(`the deployer of ${environment} ${deed}: ${what}`, {
        before: deed === "copies it elsewhere" ? "held: refused at the first request" : "reached: the setting",
        unchanged: bucketSettings(bucketOf),
        chain: async (steps, there) => {
          const emil = await there.as(environment, "deployer");
          const Bucket = await bucketOf(there);
          const { Policy } = await there.administrator.s3.send(new GetBucketPolicyCommand({ Bucket }));
          try {
            await steps.refused(action, deed, () => send(emil, Bucket));
          } finally {
            if (deed === "takes the policy off")
              await there.administrator.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: Policy! }));
          }
        },
      });
});

/** What lies in a bucket, and who of people may write it there: nobody, unless an attack below says so. */
describe("nobody writes what a privileged process reads", () => {
  const objects: readonly (readonly [EnvironmentName, string])[] = [
    ["dev", "sources/peregrine.zip"],
    ["dev", "champion/model.tar.gz"],
    ["dev", "weights/yolo11n-aerial.pt"],
    ["dev", "checkpoints/execution/last.pt"],
    ["dev", "runs/red-team/model.tar.gz"],
    ["dev", "ledger/ledger.jsonl"],
    ["dev", "studio/requirements-red.lock"],
    ["dev", "users/cleo/notes.txt"],
    ["dev", "approvals/peregrine-dev-detector/1/approval.json"],
    ["prod", "releases/red-team"],
    ["prod", "ledger/ledger.jsonl"],
    ["prod", "capture/red-team.jsonl"],
  ];
  /** What worked, and what the approver is meant to write. */
  const reached: Readonly<Record<string, readonly string[]>> = {
    "ml-engineer": ["champion/", "weights/", "runs/"],
    deployer: ["studio/"],
    "data-scientist": ["users/"],
  };
  const writers: readonly (readonly [PersonRole, EnvironmentName])[] = [
    ["data-scientist", "dev"],
    ["ml-engineer", "dev"],
    ["approver", "dev"],
    ["auditor", "dev"],
    ["deployer", "dev"],
    ["ml-engineer", "prod"],
    ["approver", "prod"],
    ["auditor", "prod"],
    ["deployer", "prod"],
  ];
  for (const [role, home] of writers)
    for (const [environment, Key] of objects) {
      if (role === "approver" && home === environment && Key.startsWith("approvals/")) continue;
      const worked = home === environment && (reached[role] ?? []).some((prefix) => Key.startsWith(prefix));
      const ways: Readonly<Record<string, readonly [string, (clients: Clients, Bucket: string) => Promise<unknown>]>> =
        {
          writes: ["s3:PutObject", ({ s3 }, Bucket) => s3.send(new PutObjectCommand({ Bucket, Key, Body: "mine" }))],
          "copies something to": [
            "(s3:PutObject|s3:GetObject)",
            ({ s3 }, Bucket) =>
              s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/champion/README.txt` })),
          ],
          "uploads in parts": [
            "s3:PutObject",
            ({ s3 }, Bucket) => s3.send(new CreateMultipartUploadCommand({ Bucket, Key })),
          ],
          deletes: ["s3:DeleteObject", ({ s3 }, Bucket) => s3.send(new DeleteObjectCommand({ Bucket, Key }))],
          "deletes in bulk": [
            "s3:DeleteObject",
            async ({ s3 }, Bucket) =>
              deniedInBulk(await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }))),
          ],
        };
      attack(`the ${role} of ${home} does not change ${environment}'s ${Key}, in whichever way`, {
        before: worked ? "reached: the object, by writing it" : "held: refused each time",
        unchanged: artifact(environment, Key),
        chain: async (steps, there) => {
          const clients = await there.as(home, role);
          for (const [way, [action, send]] of Object.entries(ways))
            await steps.refusedToo(action, `${way} ${Key}`, () => send(clients, there.artifacts(environment)));
        },
      });
    }

  for (const role of ["ml-engineer", "approver", "auditor", "deployer"] as const)
    for (const name of ["release", "ledger-head"])
      attack(`the ${role} of prod writes /peregrine/prod/${name}`, {
        before: "held: refused at the first request",
        unchanged: serving("prod"),
        chain: async (steps, there) => {
          const clients = await there.as("prod", role);
          await steps.refused("ssm:PutParameter", "writes it", () =>
            clients.ssm.send(
              new PutParameterCommand({ Name: `/peregrine/prod/${name}`, Value: "mine", Overwrite: true }),
            ),
          );
        },
      });
});

/** DeleteObjects answers with a list of refusals, one a key. */
function deniedInBulk({ Errors = [] }: { Errors?: { Code?: string; Message?: string }[] }): void {
  const [first] = Errors;
  if (first) throw Object.assign(new Error(first.Message), { name: first.Code });
}

async function keyOf(there: Platform, alias: string): Promise<string> {
  return (await there.administrator.kms.send(new DescribeKeyCommand({ KeyId: alias }))).KeyMetadata!.Arn!;
}
