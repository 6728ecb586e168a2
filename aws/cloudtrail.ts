import { CloudTrailClient, GetTrailStatusCommand, StartLoggingCommand } from "@aws-sdk/client-cloudtrail";
import { type AwsSession, clientSettings } from "./session";

/** Trails, as far as they record. */
export class Trails {
  private readonly client: CloudTrailClient;

  constructor(session: AwsSession) {
    this.client = new CloudTrailClient(clientSettings(session));
  }

  async isLogging(Name: string): Promise<boolean> {
    return (await this.client.send(new GetTrailStatusCommand({ Name }))).IsLogging === true;
  }

  async start(Name: string): Promise<void> {
    await this.client.send(new StartLoggingCommand({ Name }));
  }
}
