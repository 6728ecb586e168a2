import { randomUUID } from "node:crypto";
import type { Call, Requirement } from "../../call";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { given, type Context } from "../../iam/permissions/requirements";
import type { FunctionStore } from "./functions";

/** AddPermission, RemovePermission, GetPolicy: the resource policy of a function. */
export function policyOperations(store: FunctionStore): Record<string, Handler> {
  const missing = (message: string): AwsError =>
    new AwsError("ResourceNotFoundException", message, 404, { Type: "User" });
  return {
    AddPermission(input) {
      const { name } = store.get(input["FunctionName"], input["Qualifier"]);
      const document = store.policies.get(name) ?? { Version: "2012-10-17", Id: "default", Statement: [] };
      const sid = input["StatementId"] as string;
      if (document.Statement.some((statement) => statement["Sid"] === sid)) {
        throw new AwsError(
          "ResourceConflictException",
          `The statement id (${sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
          409,
          { Type: "User" },
        );
      }
      const statement: Members = {
        Sid: sid,
        Effect: "Allow",
        Principal: principal(input["Principal"]),
        Action: input["Action"],
        Resource: store.arn(name, input["Qualifier"]),
        ...conditions(input),
      };
      store.policies.put(name, { ...document, Statement: [...document.Statement, statement] });
      return { Statement: JSON.stringify(statement) };
    },
    RemovePermission(input) {
      const { name } = store.get(input["FunctionName"], input["Qualifier"]);
      const document = store.policies.get(name);
      const left = document?.Statement.filter((statement) => statement["Sid"] !== input["StatementId"]) ?? [];
      if (!document || left.length === document.Statement.length)
        throw missing(`Statement ${input["StatementId"]} is not found in resource policy.`);
      if (left.length === 0) store.policies.delete(name);
      else store.policies.put(name, { ...document, Statement: left });
    },
    GetPolicy(input) {
      const { name } = store.get(input["FunctionName"], input["Qualifier"]);
      const document = store.policies.get(name);
      if (!document) throw missing("The resource you requested does not exist.");
      return { Policy: JSON.stringify(document), RevisionId: randomUUID() };
    },
  };
}

function principal(name: string): unknown {
  if (name === "*") return "*";
  if (name.endsWith(".amazonaws.com")) return { Service: name };
  return { AWS: /^\d{12}$/.test(name) ? `arn:aws:iam::${name}:root` : name };
}

function conditions(input: Members): Members {
  const condition: Members = {};
  if (input["SourceArn"] !== undefined) condition["ArnLike"] = { "AWS:SourceArn": input["SourceArn"] };
  const equals: Members = {};
  if (input["FunctionUrlAuthType"] !== undefined) equals["lambda:FunctionUrlAuthType"] = input["FunctionUrlAuthType"];
  if (input["InvokedViaFunctionUrl"] === true) condition["Bool"] = { "lambda:InvokedViaFunctionUrl": "true" };
  if (input["SourceAccount"] !== undefined) equals["AWS:SourceAccount"] = input["SourceAccount"];
  if (input["PrincipalOrgID"] !== undefined) equals["aws:PrincipalOrgID"] = input["PrincipalOrgID"];
  if (Object.keys(equals).length > 0) condition["StringEquals"] = equals;
  return Object.keys(condition).length > 0 ? { Condition: condition } : {};
}

/** What a request says of a function's layers, code signing and network. */
function settingsContext(input: Members): Context {
  const network = input["VpcConfig"] as Members | undefined;
  const some = (list: unknown): unknown => (Array.isArray(list) && list.length > 0 ? list : undefined);
  return given({
    "lambda:Layer": some(input["Layers"]),
    "lambda:CodeSigningConfigArn": input["CodeSigningConfigArn"],
    "lambda:SubnetIds": some(network?.["SubnetIds"]),
    "lambda:SecurityGroupIds": some(network?.["SecurityGroupIds"]),
  });
}

/** A layer is code: whoever adds one must be able to read it (Lambda developer guide, "Adding layers to functions"). */
function readLayers(input: Members): Requirement[] {
  return ((input["Layers"] ?? []) as string[]).map((resource) => ({ action: "lambda:GetLayerVersion", resource }));
}

/** What Lambda's operations require. */
export function lambdaPermissions(store: FunctionStore): Record<string, (input: Members, call: Call) => Requirement[]> {
  const on =
    (action: string) =>
    (input: Members): Requirement[] => [
      { action: `lambda:${action}`, resource: store.arn(input["FunctionName"], input["Qualifier"]) },
    ];
  const passRole = (input: Members): Requirement[] =>
    input["Role"] === undefined
      ? []
      : [
          {
            action: "iam:PassRole",
            resource: input["Role"],
            context: {
              "iam:PassedToService": "lambda.amazonaws.com",
              "iam:AssociatedResourceArn": store.arn(input["FunctionName"]),
            },
          },
        ];
  const requestTags = (tags: Record<string, string> | undefined): Record<string, string | string[]> =>
    tags && Object.keys(tags).length > 0
      ? {
          ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
          "aws:TagKeys": Object.keys(tags),
        }
      : {};
  const plain = [
    "UpdateFunctionCode",
    "GetFunction",
    "GetFunctionConfiguration",
    "DeleteFunction",
    "PublishVersion",
    "ListVersionsByFunction",
    "CreateAlias",
    "UpdateAlias",
    "GetAlias",
    "ListAliases",
    "DeleteAlias",
    "PutFunctionEventInvokeConfig",
    "UpdateFunctionEventInvokeConfig",
    "GetFunctionEventInvokeConfig",
    "DeleteFunctionEventInvokeConfig",
    "PutFunctionConcurrency",
    "GetFunctionConcurrency",
    "DeleteFunctionConcurrency",
    "GetFunctionCodeSigningConfig",
    "RemovePermission",
    "GetPolicy",
  ];
  return {
    ...Object.fromEntries(plain.map((operation) => [operation, on(operation)])),
    Invoke: on("InvokeFunction"),
    CreateFunction: (input) => {
      const resource = store.arn(input["FunctionName"]);
      const tags = requestTags(input["Tags"]);
      const tagging: Requirement[] =
        Object.keys(tags).length > 0 ? [{ action: "lambda:TagResource", resource, context: tags }] : [];
      return [
        { action: "lambda:CreateFunction", resource, context: { ...tags, ...settingsContext(input) } },
        ...tagging,
        ...passRole(input),
        ...readLayers(input),
      ];
    },
    UpdateFunctionConfiguration: (input) => [
      ...on("UpdateFunctionConfiguration")(input).map((one) => ({ ...one, context: settingsContext(input) })),
      ...passRole(input),
      ...readLayers(input),
    ],
    AddPermission: (input) =>
      on("AddPermission")(input).map((one) => ({
        ...one,
        context: given({
          "lambda:Principal": input["Principal"],
          "lambda:FunctionUrlAuthType": input["FunctionUrlAuthType"],
        }),
      })),
    TagResource: (input) => [
      { action: "lambda:TagResource", resource: input["Resource"], context: requestTags(input["Tags"]) },
    ],
    UntagResource: (input) => [
      { action: "lambda:UntagResource", resource: input["Resource"], context: { "aws:TagKeys": input["TagKeys"] } },
    ],
    ListTags: (input) => [{ action: "lambda:ListTags", resource: input["Resource"] }],
  };
}
