import {
  CreateModelCardCommand,
  DeleteModelCardCommand,
  DescribeModelCardCommand,
  SageMakerClient,
  UpdateModelCardCommand,
} from "@aws-sdk/client-sagemaker";
import { type AwsSession, clientSettings, hasCode } from "./session";
import { tagList } from "./tagging";

/** Model cards of SageMaker: each change makes a version of its own. */
export class ModelCards {
  private readonly client: SageMakerClient;

  constructor(session: AwsSession) {
    this.client = new SageMakerClient(clientSettings(session));
  }

  /** The newest version of a card; undefined where there is none. */
  async read(name: string): Promise<{ readonly content: string; readonly version: number } | undefined> {
    try {
      const card = await this.client.send(new DescribeModelCardCommand({ ModelCardName: name }));
      return { content: card.Content!, version: card.ModelCardVersion! };
    } catch (error) {
      if (hasCode(error, "ResourceNotFound")) return undefined;
      throw error;
    }
  }

  /** Makes a card, which waits for its review. */
  async create(name: string, content: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.client.send(
      new CreateModelCardCommand({
        ModelCardName: name,
        Content: content,
        ModelCardStatus: "PendingReview",
        Tags: tagList(tags),
      }),
    );
  }

  /** Gives a card new content. Its status stays: one call changes one of both (UpdateModelCard API). */
  async update(name: string, content: string): Promise<void> {
    await this.client.send(new UpdateModelCardCommand({ ModelCardName: name, Content: content }));
  }

  /** Deletes a card with all of its versions; absent is fine. */
  async delete(name: string): Promise<void> {
    try {
      await this.client.send(new DeleteModelCardCommand({ ModelCardName: name }));
    } catch (error) {
      if (!hasCode(error, "ResourceNotFound")) throw error;
    }
  }
}
