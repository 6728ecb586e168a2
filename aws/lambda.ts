import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  paginateListFunctions,
} from "@aws-sdk/client-lambda";
import { type AwsSession, clientSettings } from "./session";

/** Lambda functions, as far as one is made and deleted. */
export class Functions {
  private readonly client: LambdaClient;

  constructor(session: AwsSession) {
    this.client = new LambdaClient(clientSettings(session));
  }

  /**
   * @param archive ZIP with `index.handler`.
   * @throws InvalidParameterValueException where the role cannot be assumed.
   */
  async create(name: string, role: string, archive: Buffer, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.client.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Role: role,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Code: { ZipFile: archive },
        Tags: { ...tags },
      }),
    );
  }

  /** `Pending`, `Active`, `Failed`. */
  async state(name: string): Promise<string> {
    return (await this.client.send(new GetFunctionConfigurationCommand({ FunctionName: name }))).State ?? "";
  }

  async named(start: string): Promise<string[]> {
    const names: string[] = [];
    for await (const page of paginateListFunctions({ client: this.client }, {}))
      names.push(
        ...(page.Functions ?? []).flatMap(({ FunctionName }) =>
          FunctionName?.startsWith(start) ? [FunctionName] : [],
        ),
      );
    return names;
  }

  async delete(name: string): Promise<void> {
    await this.client.send(new DeleteFunctionCommand({ FunctionName: name }));
  }
}
