import { hasLocalDisk } from "../../contract/hosts/accelerators";
import { securityHub } from "../frameworks";
import { blockOf, blocksOf, type Inputs, isGiven, orUnknown } from "../inputs";
import { byType, defineRule } from "../rule";
import { types } from "../types";

interface Config {
  /** Types that may do without, each for a reason that a person has. */
  readonly except: readonly string[];
}

/** Where each type names its key. A type that stores data and is not here is not looked at. */
const keys: Readonly<Record<string, string>> = {
  [types.logGroup]: "kmsKeyId",
  [types.domain]: "kmsKeyId",
  [types.notebook]: "kmsKeyId",
  "aws:cloudtrail/trail:Trail": "kmsKeyId",
  "aws:codebuild/project:Project": "encryptionKey",
  "aws:docdb/cluster:Cluster": "kmsKeyId",
  "aws:ebs/volume:Volume": "kmsKeyId",
  "aws:efs/fileSystem:FileSystem": "kmsKeyId",
  "aws:kinesis/stream:Stream": "kmsKeyId",
  "aws:rds/cluster:Cluster": "kmsKeyId",
  "aws:rds/instance:Instance": "kmsKeyId",
  "aws:secretsmanager/secret:Secret": "kmsKeyId",
  "aws:sns/topic:Topic": "kmsMasterKeyId",
};

export const kmsEncryption = defineRule<Config>({
  name: "kms-encryption",
  description: "Whatever stores data is encrypted with a KMS key of ours.",
  rationale: "A key of one's own can be withdrawn, and its use is on record; AWS's own keys offer neither.",
  severity: "high",
  framework: securityHub(
    "SNS.1",
    "Data at rest is encrypted with AWS KMS; the same for logs, volumes, tables, queues and file systems",
  ),
  remediationSteps: "Name the environment's key.",
  url: "https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html",
  configSchema: { properties: { except: { type: "array", items: { type: "string" } } } },
  defaults: { except: [] },
  ...byType<Config>({
    ...Object.fromEntries(
      Object.entries(keys).map(([type, member]) => [
        type,
        (props: Inputs, config: Config) => (config.except.includes(type) ? [] : named(props, member)),
      ]),
    ),
    *"aws:sqs/queue:Queue"(props) {
      // SSE-SQS costs nothing and hides messages as well; a key of ours must be granted to every sender.
      if (props["sqsManagedSseEnabled"] !== true) yield* named(props, "kmsMasterKeyId");
    },
    *"aws:dynamodb/table:Table"(props) {
      yield* named(blockOf(props, "serverSideEncryption") ?? {}, "kmsKeyArn");
    },
    *"aws:ssm/parameter:Parameter"(props) {
      if (props["type"] === "SecureString") yield* named(props, "keyId");
    },
    *[types.endpointConfiguration](props) {
      const instances = blocksOf(props, "productionVariants")
        .map((variant) => orUnknown(() => variant["instanceType"]))
        .filter((type) => typeof type === "string");
      const local = instances.filter(hasLocalDisk);
      const given = isGiven(props, "kmsKeyArn");
      if (given && local.length > 0)
        yield `${local.join(", ")} has local disks, which SageMaker does not encrypt with a key of ours: it refuses kmsKeyArn.`;
      if (!given && instances.length > local.length) yield "The volumes of the instances have no key (kmsKeyArn).";
    },
  }),
});

function* named(props: Inputs, member: string): Iterable<string> {
  if (!isGiven(props, member)) yield `No key is named (${member}).`;
  else if (String(orUnknown(() => props[member])).startsWith("alias/aws/"))
    yield `${member} is a key of AWS, not ours.`;
}
