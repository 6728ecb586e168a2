import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { type AwsSession, clientSettings, hasCode } from "./session";
import { tagList } from "./tagging";

/** SSM Parameter Store: the few calls that keep an environment's desired release. */
export class ParameterStore {
  private readonly client: SSMClient;

  constructor(session: AwsSession) {
    this.client = new SSMClient(clientSettings(session));
  }

  /** The parameter's value, or undefined when there is none. */
  async get(name: string): Promise<string | undefined> {
    try {
      return (await this.client.send(new GetParameterCommand({ Name: name }))).Parameter?.Value;
    } catch (error) {
      if (hasCode(error, "ParameterNotFound")) return undefined;
      throw error;
    }
  }

  /**
   * Writes a plain parameter (4 KiB at most) and its tags, if any; SSM refuses tags together with `Overwrite`, so they
   * follow.
   */
  async put(name: string, value: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.client.send(new PutParameterCommand({ Name: name, Value: value, Type: "String", Overwrite: true }));
    const list = tagList(tags);
    if (list.length === 0) return;
    await this.client.send(new AddTagsToResourceCommand({ ResourceType: "Parameter", ResourceId: name, Tags: list }));
  }

  /** Deletes the parameter; absent is fine. */
  async delete(name: string): Promise<void> {
    try {
      await this.client.send(new DeleteParameterCommand({ Name: name }));
    } catch (error) {
      if (!hasCode(error, "ParameterNotFound")) throw error;
    }
  }
}
