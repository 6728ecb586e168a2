import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Scope } from "../scope";
import type { StudioPerson, StudioRole } from "../settings/studio";
import { domainSettings, fallbackRole, profilesOf, spaceSettings, studioRoleName, userSettings } from "./domain";
import { lifecycleScript, lockFile } from "./lifecycle";
import type { WorkplaceNetwork } from "./network";
import { studioGroup } from "./security-group";

export interface StudioArgs {
  readonly network: WorkplaceNetwork;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  /** What must exist before anybody takes an execution role: the roles and what they may do. */
  readonly roles: readonly pulumi.Resource[];
}

/**
 * The ML workplace: a Studio domain with a profile and a private space per person. Each profile has the execution role
 * of its person's duty, and what its apps do is on record under the profile's name. Idle apps are shut down.
 */
export class Studio extends Component {
  readonly domain: aws.sagemaker.Domain;
  readonly profiles: readonly aws.sagemaker.UserProfile[];
  readonly libraries: aws.sagemaker.StudioLifecycleConfig;

  constructor(
    name: string,
    scope: Scope,
    private readonly args: StudioArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("studio", "Studio", name, scope, options);
    this.libraries = this.bringLibraries();
    this.domain = this.createDomain();
    this.profiles = profilesOf(scope).map((person) => this.welcome(person));
    this.registerOutputs({ domainId: this.domain.id, url: this.domain.url });
  }

  /** The requirements in the bucket, and the script that fetches them. Both are named by their content. */
  private bringLibraries(): aws.sagemaker.StudioLifecycleConfig {
    const { name, content, lockKey } = lifecycleScript(this.scope);
    const lock = new aws.s3.BucketObjectv2(
      this.named("requirements"),
      {
        bucket: this.args.artifactsBucket,
        key: lockKey,
        source: new pulumi.asset.FileAsset(lockFile),
        contentType: "text/plain",
      },
      this.child(),
    );
    return new aws.sagemaker.StudioLifecycleConfig(
      this.named("libraries"),
      {
        studioLifecycleConfigName: name,
        studioLifecycleConfigAppType: "JupyterLab",
        studioLifecycleConfigContent: content,
        tags: this.scope.tags,
      },
      this.child({ dependsOn: [lock] }),
    );
  }

  private createDomain(): aws.sagemaker.Domain {
    const { args, scope } = this;
    const { settings } = scope;
    const { vpcId, subnetIds } = args.network;
    const securityGroupIds = this.securityGroups();
    const executionRole = scope.roleArn(studioRoleName(fallbackRole(scope)));
    return new aws.sagemaker.Domain(
      this.named("domain"),
      {
        domainName: scope.names.of("studioDomain", "studio"),
        authMode: settings.studio.auth,
        vpcId,
        subnetIds,
        appNetworkAccessType: securityGroupIds ? "VpcOnly" : "PublicInternetOnly",
        defaultUserSettings: userSettings(scope, {
          executionRole,
          lifecycleConfigArn: this.libraries.arn,
          keyArn: args.keyArn,
          ...(securityGroupIds ? { securityGroups: securityGroupIds } : {}),
        }),
        domainSettings: domainSettings(scope, securityGroupIds),
        kmsKeyId: args.keyArn,
        // The home file system holds people's work: it goes with the domain only where contents may go.
        retentionPolicy: { homeEfsFileSystem: settings.deleteWithContents ? "Delete" : "Retain" },
        // What apps start (jobs, endpoints) carries the domain's tags, so costs find their owner.
        tagPropagation: "ENABLED",
        tags: scope.tags,
      },
      this.child({ dependsOn: [...args.roles] }),
    );
  }

  /** None in the default network, where SageMaker lets apps out by itself. */
  private securityGroups(): pulumi.Output<string[]> | undefined {
    const { vpcId, securityGroupIds } = this.args.network;
    if (!securityGroupIds) return undefined;
    const own = studioGroup(this.named("apps"), vpcId, { ...this.scope.tags, Name: this.named("apps") }, this.child());
    return pulumi.all([own.id, securityGroupIds]).apply(([id, others]) => [id, ...others]);
  }

  private welcome({ name, role }: StudioPerson): aws.sagemaker.UserProfile {
    const { scope } = this;
    const tags = { ...scope.tags, person: name, role };
    const profile = new aws.sagemaker.UserProfile(
      this.named(`profile-${name}`),
      {
        domainId: this.domain.id,
        userProfileName: name,
        userSettings: { executionRole: this.roleOf(role) },
        ...(scope.settings.studio.auth === "SSO"
          ? { singleSignOnUserIdentifier: "UserName", singleSignOnUserValue: name }
          : {}),
        tags,
      },
      this.child(),
    );
    new aws.sagemaker.Space(
      this.named(`space-${name}`),
      {
        domainId: this.domain.id,
        spaceName: `${name}-lab`,
        ownershipSettings: { ownerUserProfileName: profile.userProfileName },
        spaceSharingSettings: { sharingType: "Private" },
        spaceSettings: spaceSettings(scope, this.libraries.arn),
        tags,
      },
      this.child(),
    );
    return profile;
  }

  private roleOf(role: StudioRole): string {
    return this.scope.roleArn(studioRoleName(role));
  }
}
