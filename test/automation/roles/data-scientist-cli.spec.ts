import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { signInPerson } from "../../../local/iam/people";
import { writeProfiles } from "../../../local/profiles";
import { accountId, scopeOf } from "../../support/scope";
import { venv } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";
import { GovernedAccount } from "./account";

const dev = scopeOf("dev");
const prod = scopeOf("prod");
const dataset = dev.settings.dataset.bucket;
const packageArn = (environment: string) =>
  `arn:aws:sagemaker:eu-central-1:${accountId}:model-package/peregrine-${environment}-detector/1`;

/** What a data scientist looks at, as typed. */
const reads: readonly string[] = [
  `s3api list-objects-v2 --bucket ${dataset} --max-items 1`,
  `s3 cp s3://${dataset}/flights/one.txt FOLDER/one.txt --no-progress`,
  `s3 cp FOLDER/note.txt s3://${dev.artifactsBucket}/users/anna/note.txt --no-progress`,
  "sagemaker list-endpoints",
  "sagemaker list-pipelines",
  "sagemaker list-model-packages --model-package-group-name peregrine-dev-detector",
  "sts get-caller-identity",
];

/**
 * What they are refused: on production, identities, approvals, the dataset and the audit. With the action that AWS
 * names.
 */
const denied: readonly (readonly [command: string, action: string])[] = [
  [
    "sagemaker update-endpoint --endpoint-name peregrine-prod-detector --endpoint-config-name peregrine-prod-other",
    "sagemaker:UpdateEndpoint",
  ],
  ["sagemaker delete-endpoint --endpoint-name peregrine-prod-detector", "sagemaker:DeleteEndpoint"],
  ["sagemaker describe-endpoint --endpoint-name peregrine-prod-detector", "sagemaker:DescribeEndpoint"],
  [
    "sagemaker-runtime invoke-endpoint --endpoint-name peregrine-prod-detector --body eA== FOLDER/out",
    "sagemaker:InvokeEndpoint",
  ],
  ["sagemaker stop-training-job --training-job-name peregrine-prod-run", "sagemaker:StopTrainingJob"],
  [`s3 ls s3://${prod.artifactsBucket}/`, "s3:ListBucket"],
  [`s3 cp FOLDER/note.txt s3://${prod.artifactsBucket}/releases/model.tar.gz --no-progress`, "s3:PutObject"],
  ["ssm put-parameter --name /peregrine/prod/release --value {} --type String --overwrite", "ssm:PutParameter"],
  [
    `sagemaker update-model-package --model-package-arn ${packageArn("dev")} --model-approval-status Approved`,
    "sagemaker:UpdateModelPackage",
  ],
  [
    `sagemaker update-model-package --model-package-arn ${packageArn("prod")} --model-approval-status Approved`,
    "sagemaker:UpdateModelPackage",
  ],
  [`s3 cp FOLDER/note.txt s3://${dataset}/flights/one.txt --no-progress`, "s3:PutObject"],
  [`s3 rm s3://${dataset}/flights/one.txt`, "s3:DeleteObject"],
  [`s3api put-bucket-policy --bucket ${dataset} --policy {}`, "s3:PutBucketPolicy"],
  [`s3 cp FOLDER/note.txt s3://${dev.artifactsBucket}/users/ben/note.txt --no-progress`, "s3:PutObject"],
  [`s3 cp FOLDER/note.txt s3://${dev.artifactsBucket}/runs/one/note.txt --no-progress`, "s3:PutObject"],
  ["iam create-user --user-name mallory", "iam:CreateUser"],
  [
    "iam attach-role-policy --role-name peregrine-dev-data-scientist --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
    "iam:AttachRolePolicy",
  ],
  [
    "iam delete-role-permissions-boundary --role-name peregrine-dev-data-scientist",
    "iam:DeleteRolePermissionsBoundary",
  ],
  [`sts assume-role --role-arn ${dev.roleArn("approver")} --role-session-name mallory`, "sts:AssumeRole"],
  ["cloudtrail delete-trail --name peregrine-dev-audit", "cloudtrail:DeleteTrail"],
  ["cloudtrail stop-logging --name peregrine-prod-audit", "cloudtrail:StopLogging"],
  [`s3 rm s3://${dev.artifactsBucket}/ledger/0001.json`, "s3:DeleteObject"],
  ["logs delete-log-group --log-group-name /aws/sagemaker/TrainingJobs", "logs:DeleteLogGroup"],
];

describe("the profile data-scientist, by the AWS CLI", function () {
  // Each command is a Python process of a second of processor time.
  const folder = makeTemporaryFolder();
  let account: GovernedAccount;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    account = await GovernedAccount.start();
    const { local } = account;
    const { accessKeyId, secretAccessKey } = local.administrator;
    const people = [{ name: "anna", ...signInPerson(local.cloud, "anna") }];
    const roles = [{ name: "data-scientist", roleArn: dev.roleArn("data-scientist"), person: "anna" }];
    const { configFile, credentialsFile } = writeProfiles({
      dir: join(folder, "aws"),
      url: local.url,
      region: local.cloud.region,
      administrator: "ab",
      accessKeyId,
      secretAccessKey,
      people,
      roles,
    });
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")));
    env = {
      ...clean,
      AWS_CONFIG_FILE: configFile,
      AWS_SHARED_CREDENTIALS_FILE: credentialsFile,
      PYTHONWARNINGS: "ignore",
    };
    writeFileSync(join(folder, "note.txt"), "a note\n");
    await aws(`s3 cp FOLDER/note.txt s3://${dataset}/flights/one.txt --no-progress`, "ab");
  });
  after(async () => {
    await account?.stop();
  });

  function aws(command: string, profile = "data-scientist"): Promise<{ stdout: string; stderr: string }> {
    const args = command.replaceAll("FOLDER", folder).split(" ");
    return promisify(execFile)(join(venv, "bin", "aws"), [...args, "--profile", profile, "--output", "json"], { env });
  }

  for (const command of reads)
    it(`may: aws ${command}`, async () => {
      await aws(command);
    });

  for (const [command, action] of denied)
    it(`may not: aws ${command}`, async () => {
      const error = (await aws(command).then(
        () => undefined,
        (reason: unknown) => reason,
      )) as { stderr: string } | undefined;
      assert.ok(error, "the command succeeded");
      const who = `User: arn:aws:sts::${accountId}:assumed-role/peregrine-dev-data-scientist/anna is not authorized to perform: ${action} on resource: `;
      assert.match(error.stderr, /\((AccessDenied|AccessDeniedException)\) when calling the \w+ operation: /);
      assert.ok(error.stderr.includes(who), error.stderr);
    });

  it("is at least 15 attempts", () => {
    assert.ok(denied.length >= 15);
  });
});
