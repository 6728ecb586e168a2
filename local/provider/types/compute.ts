import type { Members } from "../../members";
import { archiveZip } from "../assets";
import type { Context, ResourceType } from "../resource-type";

const codeInputs = [
  "code",
  "s3Bucket",
  "s3Key",
  "s3ObjectVersion",
  "imageUri",
  // Compared with what Lambda answers, unlike the hash, which the provider reads from the program alone.
  "codeSha256",
  "sourceCodeHash",
  "sourceKmsKeyArn",
] as const;

/** Where a function's code comes from, as members of CreateFunction's `Code` and of UpdateFunctionCode. */
function code({ inputs }: Context): Members {
  if (inputs.code !== undefined) return { ZipFile: archiveZip(inputs.code) };
  if (inputs.imageUri !== undefined) return { ImageUri: inputs.imageUri };
  return {
    S3Bucket: inputs.s3Bucket,
    S3Key: inputs.s3Key,
    ...(inputs.s3ObjectVersion ? { S3ObjectVersion: inputs.s3ObjectVersion } : {}),
  };
}

const configurationInputs = [
  "name",
  "role",
  "runtime",
  "handler",
  "description",
  "timeout",
  "memorySize",
  "environment",
  "vpcConfig",
  "deadLetterConfig",
  "tracingConfig",
  "kmsKeyArn",
  "layers",
  "fileSystemConfig",
  "imageConfig",
  "ephemeralStorage",
  "loggingConfig",
  "snapStart",
] as const;

/** Name limits: Lambda API reference (64 for functions, 100 for statements). */
export const compute: readonly ResourceType[] = [
  {
    token: "aws:lambda/function:Function",
    service: "lambda",
    title: "Lambda Function",
    name: { property: "name", limit: 64 },
    rename: {
      name: "FunctionName",
      kmsKeyArn: "KMSKeyArn",
      fileSystemConfig: "FileSystemConfigs",
      "durableConfig.retentionPeriod": "RetentionPeriodInDays",
      // Lambda answers these; it does not take them.
      "snapStart.optimizationStatus": null,
      "vpcConfig.vpcId": null,
    },
    local: [
      ...codeInputs,
      "skipDestroy",
      "replaceSecurityGroupsOnDestroy",
      "replacementSecurityGroupIds",
      "reservedConcurrentExecutions",
      "useResourceTimeoutForPropagation",
    ],
    replace: ["name", "packageType"],
    defaults: { memorySize: 128, timeout: 3, packageType: "Zip", publish: false, skipDestroy: false },
    create: [
      {
        operation: "CreateFunction",
        request: (context) => ({
          Code: {
            ...code(context),
            ...(context.inputs.sourceKmsKeyArn ? { SourceKMSKeyArn: context.inputs.sourceKmsKeyArn } : {}),
          },
        }),
      },
      {
        operation: "PutFunctionConcurrency",
        only: ["name"],
        if: ({ inputs }) => Number(inputs.reservedConcurrentExecutions ?? -1) >= 0,
        request: ({ inputs }) => ({ ReservedConcurrentExecutions: inputs.reservedConcurrentExecutions }),
      },
    ],
    update: [
      { operation: "UpdateFunctionConfiguration", only: configurationInputs, when: configurationInputs },
      {
        operation: "UpdateFunctionCode",
        only: ["name", "architectures", "publish"],
        when: [...codeInputs, "architectures"],
        request: code,
      },
      {
        operation: "PutFunctionConcurrency",
        only: ["name"],
        when: ["reservedConcurrentExecutions"],
        if: ({ inputs }) => Number(inputs.reservedConcurrentExecutions ?? -1) >= 0,
        request: ({ inputs }) => ({ ReservedConcurrentExecutions: inputs.reservedConcurrentExecutions }),
      },
      {
        operation: "DeleteFunctionConcurrency",
        only: ["name"],
        when: ["reservedConcurrentExecutions"],
        if: ({ inputs }) => Number(inputs.reservedConcurrentExecutions ?? -1) < 0,
      },
    ],
    read: { operation: "GetFunction", only: ["name"], result: (answer) => answer.Configuration },
    delete: [{ operation: "DeleteFunction", only: ["name"], if: ({ inputs }) => inputs.skipDestroy !== true }],
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (answer, { inputs, session }) => {
      const arn = session.arn("lambda", `function:${String(inputs.name)}`);
      const version = String(answer.Version ?? "$LATEST");
      return {
        arn,
        version,
        qualifiedArn: `${arn}:${version}`,
        invokeArn: invokeArn(arn, session.region),
        qualifiedInvokeArn: invokeArn(`${arn}:${version}`, session.region),
        responseStreamingInvokeArn: `arn:aws:apigateway:${session.region}:lambda:path/2021-11-15/functions/${arn}/response-streaming-invocations`,
        lastModified: answer.LastModified,
        sourceCodeSize: answer.CodeSize,
        codeSha256: answer.CodeSha256,
        // The state keeps an archive's hash, not its files, so this comes from Lambda.
        sourceCodeHash: inputs.sourceCodeHash ?? answer.CodeSha256,
        signingJobArn: "",
        signingProfileVersionArn: "",
      };
    },
    changing: [
      "lastModified",
      "version",
      "qualifiedArn",
      "qualifiedInvokeArn",
      "codeSha256",
      "sourceCodeSize",
      "sourceCodeHash",
    ],
    tags: { add: "TagResource", remove: "UntagResource", identity: ({ state }) => ({ Resource: state.arn }) },
  },
  {
    token: "aws:lambda/permission:Permission",
    service: "lambda",
    title: "Lambda Permission",
    name: { property: "statementId", limit: 100 },
    rename: { function: "FunctionName", principalOrgId: "PrincipalOrgID" },
    local: ["statementIdPrefix"],
    replace: "all",
    create: [{ operation: "AddPermission" }],
    read: {
      operation: "GetPolicy",
      only: ["function", "qualifier"],
      result: (answer, { inputs }) => {
        const { Statement: statements } = JSON.parse(String(answer.Policy ?? "{}")) as {
          Statement?: { Sid?: string }[];
        };
        return statements?.some(({ Sid }) => Sid === inputs.statementId) ? {} : undefined;
      },
    },
    delete: [{ operation: "RemovePermission", only: ["function", "statementId", "qualifier"] }],
    id: (_answer, { inputs }) => String(inputs.statementId),
    fromId: (id) => ({ function: id.split("/")[0]!, statementId: id.split("/")[1] ?? "" }),
  },
  {
    token: "aws:lambda/functionUrl:FunctionUrl",
    service: "lambda",
    title: "Lambda Function URL",
    rename: { authorizationType: "AuthType" },
    replace: ["functionName", "qualifier"],
    defaults: { invokeMode: "BUFFERED" },
    create: [{ operation: "CreateFunctionUrlConfig" }],
    update: [{ operation: "UpdateFunctionUrlConfig" }],
    read: { operation: "GetFunctionUrlConfig", only: ["functionName", "qualifier"] },
    delete: [{ operation: "DeleteFunctionUrlConfig", only: ["functionName", "qualifier"] }],
    id: (_answer, { inputs }) =>
      [inputs.functionName, inputs.qualifier].filter((part) => part !== undefined && part !== "").join("/"),
    fromId: (id) => {
      const [functionName = "", qualifier] = id.split("/");
      return { functionName, ...(qualifier === undefined ? {} : { qualifier }) };
    },
    outputs: (answer) => ({
      functionUrl: answer.FunctionUrl,
      functionArn: answer.FunctionArn,
      urlId: String(answer.FunctionUrl ?? "")
        .split("/")
        .at(-2),
    }),
  },
  {
    token: "aws:ecr/repository:Repository",
    service: "ecr",
    title: "ECR Repository",
    name: { property: "name", limit: 256, lowerCase: true },
    rename: { name: "repositoryName", encryptionConfigurations: "encryptionConfiguration" },
    local: ["forceDelete"],
    replace: ["name", "encryptionConfigurations"],
    defaults: { imageTagMutability: "MUTABLE" },
    create: [{ operation: "CreateRepository" }],
    update: [
      {
        operation: "PutImageTagMutability",
        only: ["name", "imageTagMutability", "imageTagMutabilityExclusionFilters"],
        when: ["imageTagMutability", "imageTagMutabilityExclusionFilters"],
      },
      {
        operation: "PutImageScanningConfiguration",
        only: ["name", "imageScanningConfiguration"],
        when: ["imageScanningConfiguration"],
      },
    ],
    read: {
      operation: "DescribeRepositories",
      only: [],
      request: ({ id }) => ({ repositoryNames: [id] }),
      result: (answer) => answer.repositories?.[0],
    },
    delete: [
      {
        operation: "DeleteRepository",
        only: ["name"],
        request: ({ inputs }) => (inputs.forceDelete ? { force: true } : {}),
      },
    ],
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (answer, { inputs, session }) => {
      const repository = (answer.repository ?? answer) as Members;
      return {
        arn: repository.repositoryArn,
        registryId: repository.registryId ?? session.accountId,
        repositoryUrl: `${session.accountId}.dkr.ecr.${session.region}.amazonaws.com/${String(inputs.name)}`,
      };
    },
    tags: { add: "TagResource", remove: "UntagResource", identity: ({ state }) => ({ resourceArn: state.arn }) },
  },
  {
    token: "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    service: "ecr",
    title: "ECR Lifecycle Policy",
    rename: { repository: "repositoryName", policy: "lifecyclePolicyText" },
    replace: ["repository"],
    create: [{ operation: "PutLifecyclePolicy" }],
    read: { operation: "GetLifecyclePolicy", only: ["repository"] },
    delete: [{ operation: "DeleteLifecyclePolicy", only: ["repository"] }],
    id: (_answer, { inputs }) => String(inputs.repository),
    fromId: (id) => ({ repository: id }),
    outputs: (_answer, { session }) => ({ registryId: session.accountId }),
  },
];

const invokeArn = (arn: string, region: string): string =>
  `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
