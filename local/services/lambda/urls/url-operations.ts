import type {
  CreateFunctionUrlConfigCommandInput,
  CreateFunctionUrlConfigCommandOutput,
  DeleteFunctionUrlConfigCommandInput,
  FunctionUrlConfig,
  GetFunctionUrlConfigCommandInput,
  GetFunctionUrlConfigCommandOutput,
  ListFunctionUrlConfigsCommandInput,
  ListFunctionUrlConfigsCommandOutput,
  UpdateFunctionUrlConfigCommandInput,
  UpdateFunctionUrlConfigCommandOutput,
} from "@aws-sdk/client-lambda";
import type { Call, Requirement } from "../../../call";
import { AwsError } from "../../../errors";
import { given } from "../../../iam/permissions/requirements";
import { type Fidelity, type Operation, operation } from "../../../operation";
import { page } from "../../pages";
import { invalid } from "../function-settings";
import type { UrlRecord, UrlStore } from "./url-store";

const executed: Fidelity = {
  level: "executed",
  note: "a function URL answers signed requests at a path of the local cloud's own address; URLs that ask nobody who he is (`NONE`), and streamed responses, are refused, and CORS settings are recorded",
};

/** URLs of functions: made, described, changed, listed and deleted. */
export function urlOperations(urls: UrlStore): Record<string, Operation> {
  /** The operation's own action on the function, with the kind of authentication that it asks for. */
  const onFunction = (
    { FunctionName, Qualifier, AuthType }: { FunctionName: string; Qualifier?: string; AuthType?: string },
    call: Call,
  ): Requirement[] => [
    {
      action: `lambda:${call.operation}`,
      resource: urls.functions.arn(FunctionName, Qualifier),
      context: given({ "lambda:FunctionUrlAuthType": AuthType }),
    },
  ];
  return {
    CreateFunctionUrlConfig: operation<CreateFunctionUrlConfigCommandInput, CreateFunctionUrlConfigCommandOutput>({
      requires: onFunction,
      fidelity: executed,
      handle: ({ FunctionName, Qualifier, AuthType, Cors, InvokeMode }) => {
        const { name, alias } = urls.target(FunctionName, Qualifier);
        check(AuthType, InvokeMode);
        if (urls.has(name, alias))
          throw new AwsError(
            "ResourceConflictException",
            `Failed to create function url config for [functionArn = ${urls.functions.arn(name, alias)}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
            409,
            { Type: "User" },
          );
        const now = urls.cloud.clock.nowMs();
        const id = urls.idOf(name, alias);
        const record = urls.put({
          id,
          functionName: name,
          alias,
          authType: "AWS_IAM",
          cors: Cors,
          createdMs: now,
          modifiedMs: now,
        });
        const { LastModifiedTime: _never, ...described } = describe(urls, record);
        return described;
      },
    }),

    UpdateFunctionUrlConfig: operation<UpdateFunctionUrlConfigCommandInput, UpdateFunctionUrlConfigCommandOutput>({
      requires: onFunction,
      fidelity: executed,
      handle: ({ FunctionName, Qualifier, AuthType, Cors, InvokeMode }) => {
        const record = urls.get(FunctionName, Qualifier);
        check(AuthType, InvokeMode);
        return describe(urls, urls.put({ ...record, cors: Cors ?? record.cors, modifiedMs: urls.cloud.clock.nowMs() }));
      },
    }),

    GetFunctionUrlConfig: operation<GetFunctionUrlConfigCommandInput, GetFunctionUrlConfigCommandOutput>({
      requires: onFunction,
      fidelity: executed,
      handle: ({ FunctionName, Qualifier }) => describe(urls, urls.get(FunctionName, Qualifier)),
    }),

    ListFunctionUrlConfigs: operation<ListFunctionUrlConfigsCommandInput, ListFunctionUrlConfigsCommandOutput>({
      requires: onFunction,
      fidelity: executed,
      handle: ({ FunctionName, Marker, MaxItems }) => {
        const { items, next } = page(urls.of(urls.target(FunctionName, undefined).name), Marker, MaxItems ?? 50);
        return { FunctionUrlConfigs: items.map((record) => describe(urls, record)), NextMarker: next };
      },
    }),

    DeleteFunctionUrlConfig: operation<DeleteFunctionUrlConfigCommandInput, object>({
      requires: onFunction,
      fidelity: executed,
      handle: ({ FunctionName, Qualifier }) => {
        urls.delete(urls.get(FunctionName, Qualifier));
        return {};
      },
    }),
  };
}

function check(authType: string | undefined, invokeMode: string | undefined): void {
  if (authType === "NONE") throw invalid("The local cloud serves function URLs of the authentication AWS_IAM only.");
  if (invokeMode === "RESPONSE_STREAM") throw invalid("The local cloud answers function URLs at once (BUFFERED) only.");
}

function describe(urls: UrlStore, record: UrlRecord): Required<Omit<FunctionUrlConfig, "Cors">> & FunctionUrlConfig {
  return {
    FunctionUrl: urls.addressOf(record),
    FunctionArn: urls.functions.arn(record.functionName, record.alias),
    AuthType: record.authType,
    Cors: record.cors,
    CreationTime: new Date(record.createdMs).toISOString(),
    LastModifiedTime: new Date(record.modifiedMs).toISOString(),
    InvokeMode: "BUFFERED",
  };
}
