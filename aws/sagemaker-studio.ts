import {
  CreateAppCommand,
  CreateDomainCommand,
  CreateSpaceCommand,
  CreateUserProfileCommand,
  DeleteAppCommand,
  DeleteDomainCommand,
  DeleteSpaceCommand,
  DeleteUserProfileCommand,
  DescribeAppCommand,
  DescribeDomainCommand,
  paginateListApps,
  paginateListDomains,
  paginateListSpaces,
  paginateListUserProfiles,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { type AwsSession, clientSettings, hasCode } from "./session";
import { tagList } from "./tagging";

export interface NewDomain {
  readonly name: string;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly executionRole: string;
  readonly keyArn: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Studio domains, as far as one is made, used once and deleted with everything in it. */
export class StudioDomains {
  private readonly client: SageMakerClient;

  constructor(session: AwsSession) {
    this.client = new SageMakerClient(clientSettings(session));
  }

  /** @returns the domain's id. */
  async create({ name, vpcId, subnetIds, executionRole, keyArn, tags }: NewDomain): Promise<string> {
    const Tags = tagList(tags);
    const { DomainArn } = await this.client.send(
      new CreateDomainCommand({
        DomainName: name,
        AuthMode: "IAM",
        VpcId: vpcId,
        SubnetIds: [...subnetIds],
        KmsKeyId: keyArn,
        DefaultUserSettings: { ExecutionRole: executionRole },
        Tags,
      }),
    );
    return DomainArn!.slice(DomainArn!.lastIndexOf("/") + 1);
  }

  async status(DomainId: string): Promise<{ readonly status: string; readonly reason: string }> {
    const { Status = "", FailureReason = "" } = await this.client.send(new DescribeDomainCommand({ DomainId }));
    return { status: Status, reason: FailureReason };
  }

  async createProfile(DomainId: string, UserProfileName: string, executionRole: string): Promise<void> {
    await this.client.send(
      new CreateUserProfileCommand({ DomainId, UserProfileName, UserSettings: { ExecutionRole: executionRole } }),
    );
  }

  /** A private space for JupyterLab, called as the profile that owns it. */
  async createSpace(DomainId: string, person: string): Promise<void> {
    await this.client.send(
      new CreateSpaceCommand({
        DomainId,
        SpaceName: person,
        OwnershipSettings: { OwnerUserProfileName: person },
        SpaceSharingSettings: { SharingType: "Private" },
        SpaceSettings: { AppType: "JupyterLab" },
      }),
    );
  }

  /** JupyterLab of a space, on the smallest instance. */
  async createApp(DomainId: string, SpaceName: string): Promise<void> {
    await this.client.send(
      new CreateAppCommand({
        DomainId,
        SpaceName,
        AppType: "JupyterLab",
        AppName: "default",
        ResourceSpec: { InstanceType: "ml.t3.medium" },
      }),
    );
  }

  async appStatus(DomainId: string, SpaceName: string): Promise<{ readonly status: string; readonly reason: string }> {
    const { Status = "", FailureReason = "" } = await this.client.send(
      new DescribeAppCommand({ DomainId, SpaceName, AppType: "JupyterLab", AppName: "default" }),
    );
    return { status: Status, reason: FailureReason };
  }

  /** The domains whose names start so. */
  async named(start: string): Promise<{ readonly name: string; readonly id: string }[]> {
    const found: { name: string; id: string }[] = [];
    for await (const page of paginateListDomains({ client: this.client }, {}))
      found.push(
        ...(page.Domains ?? []).flatMap(({ DomainName = "", DomainId }) =>
          DomainName.startsWith(start) ? [{ name: DomainName, id: DomainId! }] : [],
        ),
      );
    return found;
  }

  async exists(DomainId: string): Promise<boolean> {
    try {
      await this.client.send(new DescribeDomainCommand({ DomainId }));
      return true;
    } catch (error) {
      if (hasCode(error, "ResourceNotFound")) return false;
      throw error;
    }
  }

  /**
   * One step towards a domain's end: what stands in its way is deleted first. Called until the domain is gone.
   * @throws SageMaker's errors while parts still go.
   */
  async deleteStep(DomainId: string): Promise<void> {
    const DomainIdEquals = DomainId;
    for await (const page of paginateListApps({ client: this.client }, { DomainIdEquals }))
      for (const { AppName, AppType, SpaceName, Status } of page.Apps ?? [])
        if (Status !== "Deleted" && Status !== "Deleting")
          await this.client.send(new DeleteAppCommand({ DomainId, AppName, AppType, SpaceName }));
    for await (const page of paginateListSpaces({ client: this.client }, { DomainIdEquals }))
      for (const { SpaceName } of page.Spaces ?? [])
        await this.client.send(new DeleteSpaceCommand({ DomainId, SpaceName }));
    for await (const page of paginateListUserProfiles({ client: this.client }, { DomainIdEquals }))
      for (const { UserProfileName } of page.UserProfiles ?? [])
        await this.client.send(new DeleteUserProfileCommand({ DomainId, UserProfileName }));
    await this.client.send(new DeleteDomainCommand({ DomainId, RetentionPolicy: { HomeEfsFileSystem: "Delete" } }));
  }
}
