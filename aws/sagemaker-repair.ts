import {
  AddTagsCommand,
  DescribeEndpointCommand,
  ListModelPackagesCommand,
  paginateListTags,
  SageMakerClient,
  UpdateEndpointCommand,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { type AwsSession, clientSettings, hasCode } from "./session";
import { tagList } from "./tagging";

/** An endpoint as it serves. */
export interface LiveEndpoint {
  readonly status: string;
  readonly config: string;
  readonly captures: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** The newest packages alone are looked at: older ones were, when they were new. */
const newest = 50;

/** What serves and what is approved, as far as it is put back. */
export class SageMakerRepair {
  private readonly client: SageMakerClient;

  constructor(session: AwsSession) {
    this.client = new SageMakerClient(clientSettings(session));
  }

  /** Undefined where there is none. */
  async endpoint(EndpointName: string): Promise<LiveEndpoint | undefined> {
    try {
      const found = await this.client.send(new DescribeEndpointCommand({ EndpointName }));
      const tags: Record<string, string> = {};
      for await (const { Tags = [] } of paginateListTags({ client: this.client }, { ResourceArn: found.EndpointArn! }))
        for (const { Key, Value } of Tags) tags[Key!] = Value ?? "";
      return {
        status: found.EndpointStatus ?? "",
        config: found.EndpointConfigName ?? "",
        captures:
          found.DataCaptureConfig?.EnableCapture === true && found.DataCaptureConfig.CaptureStatus !== "Stopped",
        tags,
      };
    } catch (error) {
      if (hasCode(error, "ValidationException") && /could not find/i.test((error as Error).message)) return undefined;
      throw error;
    }
  }

  /** Goes back to a configuration that served before, at once. @throws ValidationException while it is updated. */
  async serve(EndpointName: string, EndpointConfigName: string): Promise<void> {
    await this.client.send(new UpdateEndpointCommand({ EndpointName, EndpointConfigName }));
  }

  async tag(ResourceArn: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.client.send(new AddTagsCommand({ ResourceArn, Tags: tagList(tags) }));
  }

  /** ARNs of the newest packages of a group that the registry calls approved. */
  async approved(ModelPackageGroupName: string): Promise<string[]> {
    try {
      const { ModelPackageSummaryList = [] } = await this.client.send(
        new ListModelPackagesCommand({
          ModelPackageGroupName,
          ModelApprovalStatus: "Approved",
          MaxResults: newest,
          SortBy: "CreationTime",
          SortOrder: "Descending",
        }),
      );
      return ModelPackageSummaryList.map(({ ModelPackageArn }) => ModelPackageArn!);
    } catch (error) {
      if (hasCode(error, "ValidationException", "ResourceNotFound")) return [];
      throw error;
    }
  }

  /** Has an approver decide again. */
  async withdraw(ModelPackageArn: string, ApprovalDescription: string): Promise<void> {
    await this.client.send(
      new UpdateModelPackageCommand({
        ModelPackageArn,
        ModelApprovalStatus: "PendingManualApproval",
        ApprovalDescription,
      }),
    );
  }
}
