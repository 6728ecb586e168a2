import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  paginateListFunctions,
} from "@aws-sdk/client-lambda";
import { type AwsSession, clientSettings, hasCode } from "./session";

/** Lambda functions, as far as one is made, called and deleted. */
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

  /** SHA-256 of a function's code in base64; undefined where there is no such function. */
  async code(name: string): Promise<string | undefined> {
    try {
      return (await this.client.send(new GetFunctionConfigurationCommand({ FunctionName: name }))).CodeSha256;
    } catch (error) {
      if (hasCode(error, "ResourceNotFoundException")) return undefined;
      throw error;
    }
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

  /**
   * Calls a function and waits for what it returns.
   * @throws Error with what the function says where it fails.
   */
  async invoke(name: string, event: unknown): Promise<unknown> {
    const answer = await this.client.send(
      new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(event)) }),
    );
    const text = Buffer.from(answer.Payload ?? []).toString("utf8");
    if (answer.FunctionError !== undefined) throw new Error(`${name} failed: ${text}`);
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  }

  async delete(name: string): Promise<void> {
    await this.client.send(new DeleteFunctionCommand({ FunctionName: name }));
  }
}
