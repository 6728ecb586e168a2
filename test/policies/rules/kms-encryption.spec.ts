import { kmsEncryption as rule } from "../../../policies/rules/kms-encryption";
import { describeRule, unknownText } from "../../support/policy";

const logs = "aws:cloudwatch/logGroup:LogGroup";
const queue = "aws:sqs/queue:Queue";
const configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const fleet = (instanceType: string, more: object = {}) => ({ productionVariants: [{ instanceType }], ...more });

describeRule(rule, {
  refuses: {
    "a log group without a key": [logs, {}, /No key is named \(kmsKeyId\)/],
    "a topic without a key": ["aws:sns/topic:Topic", {}, /kmsMasterKeyId/],
    "a topic with AWS's key": ["aws:sns/topic:Topic", { kmsMasterKeyId: "alias/aws/sns" }, /is a key of AWS/],
    "a queue in the clear": [queue, { sqsManagedSseEnabled: false }, /kmsMasterKeyId/],
    "a trail without a key": ["aws:cloudtrail/trail:Trail", {}, /kmsKeyId/],
    "a Studio domain without a key": ["aws:sagemaker/domain:Domain", {}, /kmsKeyId/],
    "a notebook without a key": ["aws:sagemaker/notebookInstance:NotebookInstance", {}, /kmsKeyId/],
    "a file system without a key": ["aws:efs/fileSystem:FileSystem", { encrypted: true }, /kmsKeyId/],
    "a table with AWS's key": ["aws:dynamodb/table:Table", { serverSideEncryption: { enabled: true } }, /kmsKeyArn/],
    "a secret without a key": ["aws:secretsmanager/secret:Secret", {}, /kmsKeyId/],
    "a secure parameter with AWS's key": ["aws:ssm/parameter:Parameter", { type: "SecureString" }, /keyId/],
    "a build project without a key": ["aws:codebuild/project:Project", {}, /encryptionKey/],
    "volumes of an endpoint without a key": [
      configuration,
      fleet("ml.c6i.xlarge"),
      /volumes of the instances have no key/,
    ],
    "a key that SageMaker refuses": [
      configuration,
      fleet("ml.g5.xlarge", { kmsKeyArn: "arn" }),
      /ml\.g5\.xlarge has local disks/,
    ],
  },
  accepts: {
    "a key that a preview does not know yet": [logs, { kmsKeyId: unknownText }],
    "a queue with SSE-SQS": [queue, { sqsManagedSseEnabled: true }],
    "a queue with a key": [queue, { kmsMasterKeyId: "alias/mine" }],
    "a plain parameter": ["aws:ssm/parameter:Parameter", { type: "String" }],
    "volumes with a key": [configuration, fleet("ml.c6i.xlarge", { kmsKeyArn: unknownText })],
    "local disks without a key": [configuration, fleet("ml.g4dn.xlarge")],
    "an instance type that a preview does not know": [configuration, fleet(unknownText)],
    "a type that somebody excepted": [logs, {}, , { config: { except: [logs] } }],
  },
  ignores: ["aws:s3/bucket:Bucket", "aws:ecr/repository:Repository"],
});
