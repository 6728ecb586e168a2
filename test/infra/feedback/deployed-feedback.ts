import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import AdmZip from "adm-zip";
import type { Members } from "../../../local/members";
import { GovernedAccount } from "../../automation/roles/account";
import { sdkConfig } from "../../local/support";
import { scopeOf } from "../../support/scope";

export const scope = scopeOf("prod");
export const functionName = scope.names.of("function", "feedback");
export const logGroupName = `/aws/lambda/${functionName}`;
const bundle = join(__dirname, "..", "..", "..", "functions", "dist", "feedback", "index.js");

/** The account with the program's roles, and the function of feedback as it is deployed, in prod. */
export class FeedbackAccount {
  private constructor(readonly governed: GovernedAccount) {}

  static async start(): Promise<FeedbackAccount> {
    const account = new FeedbackAccount(await GovernedAccount.start());
    const zip = new AdmZip();
    zip.addFile("index.js", readFileSync(bundle));
    const FunctionName = functionName;
    await account.administer("lambda", "UpdateFunctionCode", { FunctionName, ZipFile: zip.toBuffer() });
    await account.administer("lambda", "UpdateFunctionConfiguration", {
      FunctionName,
      Timeout: 30,
      Environment: { Variables: { ARTIFACTS_BUCKET: scope.artifactsBucket, ENDPOINT_NAME: scope.endpointName } },
    });
    await new CloudWatchLogsClient(sdkConfig(account.governed.local)).send(new CreateLogGroupCommand({ logGroupName }));
    await account.administer("lambda", "DeleteFunctionConcurrency", { FunctionName });
    await account.administer("s3", "PutBucketEncryption", {
      Bucket: scope.artifactsBucket,
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: {
              SSEAlgorithm: "aws:kms",
              KMSMasterKeyID: account.governed.targets.prod.keyArn,
            },
          },
        ],
      },
    });
    return account;
  }

  administer(service: string, operation: string, input: Members): Promise<Members> {
    return this.governed.administer(service, operation, input);
  }

  stop(): Promise<void> {
    return this.governed.stop();
  }
}
