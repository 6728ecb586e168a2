import assert from "node:assert/strict";
import { FileSystems } from "../../../../local/services/efs/store";
import { createSageMaker } from "../../../../local/services/sagemaker";
import { createFileSystems } from "../../../../local/services/efs";
import { createEvents } from "../../../../local/services/events";
import type { Members } from "../../../../local/members";
import type { Principal } from "../../../../local/iam/principal";
import { Account, allow, officialModels, policy } from "../../iam/account";

const role = "arn:aws:iam::111122223333:role/studio";
const network = { VpcId: "vpc-1", SubnetIds: ["subnet-1"] };
const domainInput = {
  DomainName: "peregrine-dev-studio",
  AuthMode: "IAM",
  DefaultUserSettings: { ExecutionRole: role },
  ...network,
  Tags: [{ Key: "environment", Value: "dev" }],
};

/** An account with SageMaker whose requests are checked by AWS's own model and authorised. */
class StudioAccount extends Account {
  constructor() {
    super([], { models: officialModels });
    this.cloud.register(createEvents(this.cloud));
    this.cloud.register(createFileSystems(this.cloud));
    this.cloud.register(createSageMaker(this.cloud, { images: {}, gatewayUrl: () => "http://127.0.0.1" }));
  }

  send(operation: string, input: Members = {}, as?: Principal): Promise<Members> {
    return this.call("sagemaker", operation, input, as);
  }

  async domain(more: Members = {}): Promise<string> {
    return (await this.send("CreateDomain", { ...domainInput, ...more }))["DomainId"] as string;
  }

  async refused(operation: string, input: Members): Promise<string> {
    try {
      await this.send(operation, input);
    } catch (error) {
      return `${(error as { code: string }).code}: ${(error as Error).message}`;
    }
    throw new Error(`${operation} was not refused`);
  }

  async left(): Promise<string[]> {
    return (await this.cloud.inventory())
      .map(({ type }) => type)
      .filter((type) => /SageMaker|EFS/.test(type))
      .sort();
  }
}

describe("Studio in the local cloud", () => {
  let account: StudioAccount;
  beforeEach(async () => {
    account = new StudioAccount();
    await account.role("studio");
  });

  it("keeps a domain with the ids that AWS makes up, and its tags", async () => {
    const id = await account.domain({ TagPropagation: "ENABLED" });
    assert.match(id, /^d-[a-z0-9]{12}$/);
    const shown = await account.send("DescribeDomain", { DomainId: id });
    assert.equal(shown["Status"], "InService");
    assert.match(shown["HomeEfsFileSystemId"], /^fs-[0-9a-f]{17}$/);
    assert.equal(shown["Url"], `https://${id}.studio.eu-central-1.sagemaker.aws`);
    assert.deepEqual(
      (await account.send("ListDomains"))["Domains"].map(({ DomainName }: Members) => DomainName),
      ["peregrine-dev-studio"],
    );
    assert.deepEqual((await account.send("ListTags", { ResourceArn: shown["DomainArn"] }))["Tags"], [
      { Key: "environment", Value: "dev" },
    ]);
    assert.match(await account.refused("CreateDomain", domainInput), /^ResourceInUse: .*already exists/);
  });

  it("keeps profiles and private spaces, whose owner must be there", async () => {
    const DomainId = await account.domain();
    const space = {
      DomainId,
      SpaceName: "anna-lab",
      OwnershipSettings: { OwnerUserProfileName: "anna" },
      SpaceSharingSettings: { SharingType: "Private" },
    };
    assert.match(await account.refused("CreateSpace", space), /^ResourceNotFound: UserProfile anna/);
    await account.send("CreateUserProfile", {
      DomainId,
      UserProfileName: "anna",
      UserSettings: { ExecutionRole: role },
    });
    await account.send("CreateSpace", space);
    assert.match(
      (await account.send("DescribeUserProfile", { DomainId, UserProfileName: "anna" }))["HomeEfsFileSystemUid"],
      /^2\d{5}$/,
    );
    assert.match(
      (await account.send("DescribeSpace", { DomainId, SpaceName: "anna-lab" }))["Url"],
      /\/space\/anna-lab$/,
    );
    assert.deepEqual(
      (await account.send("ListSpaces", { DomainIdEquals: DomainId }))["Spaces"].map(
        ({ OwnershipSettingsSummary: owner }: Members) => owner,
      ),
      [{ OwnerUserProfileName: "anna" }],
    );
    assert.match(await account.refused("CreateUserProfile", { DomainId, UserProfileName: "anna" }), /^ResourceInUse/);
    assert.match(
      await account.refused("CreateUserProfile", {
        DomainId,
        UserProfileName: "ben",
        SingleSignOnUserIdentifier: "UserName",
        SingleSignOnUserValue: "ben",
      }),
      /^ValidationException: .*AuthMode IAM/,
    );
    assert.match(await account.refused("DescribeSpace", { DomainId, SpaceName: "nobody" }), /^ResourceNotFound/);
  });

  it("gives things up in order only, and leaves the home folders where the domain was told to", async () => {
    const DomainId = await account.domain();
    const who = { DomainId, UserProfileName: "anna" };
    const lab = { DomainId, SpaceName: "anna-lab" };
    const app = { ...lab, AppType: "JupyterLab", AppName: "default" };
    await account.send("CreateUserProfile", who);
    await account.send("CreateSpace", {
      ...lab,
      OwnershipSettings: { OwnerUserProfileName: "anna" },
      SpaceSharingSettings: { SharingType: "Private" },
    });
    await account.send("CreateApp", app);
    assert.match(await account.refused("DeleteDomain", { DomainId }), /^ResourceInUse: .*App/);
    assert.match(await account.refused("DeleteUserProfile", who), /^ResourceInUse: .*Space/);
    assert.match(await account.refused("DeleteSpace", lab), /^ResourceInUse: .*App/);
    assert.deepEqual(await account.left(), [
      "AWS::EFS::FileSystem",
      "AWS::SageMaker::App",
      "AWS::SageMaker::Domain",
      "AWS::SageMaker::Space",
      "AWS::SageMaker::UserProfile",
    ]);
    await account.send("DeleteApp", app);
    await account.send("DeleteSpace", lab);
    await account.send("DeleteUserProfile", who);
    await account.send("DeleteDomain", { DomainId });
    assert.deepEqual(await account.left(), ["AWS::EFS::FileSystem"], "Retain is AWS's default");
    await account.send("DeleteDomain", {
      DomainId: await account.domain(),
      RetentionPolicy: { HomeEfsFileSystem: "Delete" },
    });
    assert.deepEqual(await account.left(), ["AWS::EFS::FileSystem"]);
  });

  it("has its file system's mount targets deleted by whoever may delete the interfaces that they are, and not at once", async () => {
    await account.send("DeleteDomain", { DomainId: await account.domain() });
    const [target] = new FileSystems(account.cloud).mountTargets();
    const MountTargetId = target!.id;
    const as = async (name: string, ...statements: Members[]) =>
      account.assume(await account.role(name, policy(...(statements as never[]))));
    const file = `arn:aws:elasticfilesystem:eu-central-1:111122223333:file-system/${target!.fileSystemId}`;
    const halfway = await as("half", allow("elasticfilesystem:*", file));
    await assert.rejects(
      account.call("efs", "DeleteMountTarget", { MountTargetId }, halfway),
      new RegExp(
        `not authorized to perform: ec2:DeleteNetworkInterface on resource: arn:aws:ec2:eu-central-1:111122223333:network-interface/${target!.interfaceId}`,
      ),
    );
    await account.call(
      "efs",
      "DeleteMountTarget",
      { MountTargetId },
      await as("whole", allow("elasticfilesystem:*", file), allow("ec2:DeleteNetworkInterface", "*")),
    );
    const seen = await account.call("efs", "DescribeMountTargets", { MountTargetId });
    assert.equal(seen["MountTargets"][0].LifeCycleState, "deleting");
    await assert.rejects(account.call("efs", "DeleteFileSystem", { FileSystemId: target!.fileSystemId }), {
      code: "FileSystemInUse",
    });
    await assert.rejects(account.call("efs", "DescribeMountTargets", { FileSystemId: "fs-0123456789abcdef0" }), {
      code: "FileSystemNotFound",
    });
  });

  it("changes tag propagation alone", async () => {
    const DomainId = await account.domain();
    assert.match(
      await account.refused("UpdateDomain", { DomainId, TagPropagation: "ENABLED", AppNetworkAccessType: "VpcOnly" }),
      /^ValidationException: TagPropagation/,
    );
    await account.send("UpdateDomain", { DomainId, TagPropagation: "ENABLED" });
    await account.send("UpdateDomain", {
      DomainId,
      DomainSettingsForUpdate: { ExecutionRoleIdentityConfig: "USER_PROFILE_NAME" },
    });
    const shown = await account.send("DescribeDomain", { DomainId });
    assert.deepEqual(
      [shown["TagPropagation"], shown["DomainSettings"]],
      ["ENABLED", { ExecutionRoleIdentityConfig: "USER_PROFILE_NAME" }],
    );
  });

  it("keeps a lifecycle configuration as long as somebody uses it", async () => {
    const { StudioLifecycleConfigArn: arn } = await account.send("CreateStudioLifecycleConfig", {
      StudioLifecycleConfigName: "libraries-1",
      StudioLifecycleConfigAppType: "JupyterLab",
      StudioLifecycleConfigContent: "IyEvYmluL2Jhc2g=",
    });
    const DomainId = await account.domain({
      DefaultUserSettings: { ExecutionRole: role, JupyterLabAppSettings: { LifecycleConfigArns: [arn] } },
    });
    assert.match(
      await account.refused("DeleteStudioLifecycleConfig", { StudioLifecycleConfigName: "libraries-1" }),
      /^ResourceInUse/,
    );
    await account.send("DeleteDomain", { DomainId, RetentionPolicy: { HomeEfsFileSystem: "Delete" } });
    await account.send("DeleteStudioLifecycleConfig", { StudioLifecycleConfigName: "libraries-1" });
    assert.deepEqual(await account.left(), []);
  });

  it("lets a person into the own profile only, where their role says so", async () => {
    const DomainId = await account.domain();
    for (const UserProfileName of ["anna", "ben"])
      await account.send("CreateUserProfile", { DomainId, UserProfileName });
    const arn = `arn:aws:sagemaker:eu-central-1:111122223333:user-profile/${DomainId}/anna`;
    const anna = await account.assume(
      await account.role("anna", policy(allow("sagemaker:CreatePresignedDomainUrl", arn))),
    );
    const { AuthorizedUrl } = await account.send(
      "CreatePresignedDomainUrl",
      { DomainId, UserProfileName: "anna" },
      anna,
    );
    assert.match(
      AuthorizedUrl,
      new RegExp(`^https://${DomainId}\\.studio\\.eu-central-1\\.sagemaker\\.aws/auth\\?token=`),
    );
    await assert.rejects(
      account.send("CreatePresignedDomainUrl", { DomainId, UserProfileName: "ben" }, anna),
      /is not authorized to perform: sagemaker:CreatePresignedDomainUrl/,
    );
  });

  it("knows whose a space is when it asks whether somebody may", async () => {
    const DomainId = await account.domain();
    for (const name of ["anna", "ben"]) {
      await account.send("CreateUserProfile", { DomainId, UserProfileName: name });
      await account.send("CreateSpace", {
        DomainId,
        SpaceName: `${name}-lab`,
        OwnershipSettings: { OwnerUserProfileName: name },
        SpaceSharingSettings: { SharingType: "Private" },
      });
    }
    const own = {
      Condition: {
        ArnLike: { "sagemaker:OwnerUserProfileArn": `arn:aws:sagemaker:*:*:user-profile/${DomainId}/anna` },
        StringEquals: { "sagemaker:SpaceSharingType": "Private" },
      },
    };
    const anna = await account.assume(
      await account.role("anna", policy(allow(["sagemaker:CreateApp", "sagemaker:DeleteSpace"], "*", own))),
    );
    await account.send(
      "CreateApp",
      { DomainId, SpaceName: "anna-lab", AppType: "JupyterLab", AppName: "default" },
      anna,
    );
    for (const [operation, input] of [
      ["CreateApp", { AppType: "JupyterLab", AppName: "default" }],
      ["DeleteSpace", {}],
    ] as const)
      await assert.rejects(
        account.send(operation, { DomainId, SpaceName: "ben-lab", ...input }, anna),
        /not authorized/,
      );
  });

  it("passes roles to SageMaker only by whoever may", async () => {
    const DomainId = await account.domain();
    const clerk = await account.assume(await account.role("clerk", policy(allow("sagemaker:CreateUserProfile", "*"))));
    await account.send("CreateUserProfile", { DomainId, UserProfileName: "plain" }, clerk);
    await assert.rejects(
      account.send(
        "CreateUserProfile",
        { DomainId, UserProfileName: "strong", UserSettings: { ExecutionRole: role } },
        clerk,
      ),
      /iam:PassRole/,
    );
  });
});
