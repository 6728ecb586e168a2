import type * as pulumi from "@pulumi/pulumi";
import { championVariant } from "../contract/variants";
import type { StackOutputs } from "../contract/outputs";
import { Alerts } from "./alerts/alerts";
import { AlertChannels } from "./alerts/chat";
import { Audit } from "./audit/audit";
import { Component } from "./component";
import { Nights } from "./cost/nights";
import { Spending } from "./cost/spending";
import { EnvironmentDashboard } from "./dashboards/environment-dashboard";
import { CiAccess } from "./delivery/deployer";
import { ReleaseBuilds } from "./delivery/release-builds";
import { ReleaseRequests } from "./delivery/release-requests";
import { SourceBundle } from "./delivery/source-bundle";
import { StagingTrials } from "./delivery/staging-trials";
import { Events } from "./events/events";
import { FoundationRoles, LaunchStop } from "./identity/foundation";
import { launchingRoles } from "./identity/roles/budget";
import { Identity, type Role } from "./identity/identity";
import { ImageBuilds } from "./images/image-builds";
import { Images } from "./images/images";
import { ApprovalKey } from "./keys/approval-key";
import { EnvironmentKey } from "./keys/keys";
import { Monitoring } from "./monitoring/monitoring";
import { Network } from "./network/network";
import { Reactions } from "./reactions/reactions";
import { Registry } from "./registry/registry";
import type { DesiredRelease } from "../contract/desired-release";
import type { Scope } from "./scope";
import { MonitoredEndpoint } from "./serving/monitored-endpoint";
import { Storage } from "./storage/storage";
import { defaultNetwork } from "./studio/network";
import { Studio } from "./studio/studio";
import { Tracking } from "./tracking/tracking";
import { Training } from "./training/training";

/** The stack's outputs before their values are known; one that is missing is a compile error. */
export type PlatformOutputs = {
  readonly [Name in keyof StackOutputs]: StackOutputs[Name] extends string | undefined
    ? pulumi.Input<NonNullable<StackOutputs[Name]>>
    : { readonly [Key in keyof StackOutputs[Name]]: pulumi.Input<StackOutputs[Name][Key]> };
};

/** One environment: from the key that encrypts everything to the endpoint that serves the desired release. */
export class Platform extends Component {
  /** What automation needs to know of an environment. */
  readonly outputs: PlatformOutputs;

  /** @param release without it everything but the endpoint exists. */
  constructor(scope: Scope, release: DesiredRelease | undefined, options: pulumi.ComponentResourceOptions) {
    super("platform", "Platform", scope.names.prefix, scope, options);
    const own = { parent: this };
    const key = new EnvironmentKey(this.named("keys"), scope, own);
    const approvals = new ApprovalKey(this.named("approvals"), scope, own);
    const storage = new Storage(this.named("storage"), scope, key.arn, own);
    const stop = scope.settings.cost.stop === "off" ? undefined : new LaunchStop(this.named("launch-stop"), scope, own);
    const identity = new Identity(this.named("identity"), scope, {
      ...own,
      ...(stop ? { dependsOn: [stop.policy] } : {}),
    });
    const alerts = new Alerts(this.named("alerts"), scope, key.arn, own);
    const { services, people, operations } = identity;
    const { roles: foundation, budgetAction } = new FoundationRoles(
      this.named("foundation"),
      scope,
      identity.boundary.arn,
      own,
    );
    const network = new Network(
      this.named("network"),
      scope,
      { keyArn: key.arn, flowLogRole: foundation["flow-logs"] },
      own,
    );
    const { placement } = network;
    const audit = foundation["trail-logs"] && new Audit(this.named("audit"), scope, foundation["trail-logs"], own);
    if (operations.chat) new AlertChannels(this.named("chat"), scope, { alerts, role: operations.chat }, own);
    const ci = scope.settings.deployer.repository
      ? new CiAccess(this.named("ci"), scope, identity.deployerBoundary, own)
      : undefined;
    const launchers: Readonly<Record<string, Role | undefined>> = {
      ...services,
      ...people,
      ...operations,
      ...identity.studio,
      ...identity.experiments,
      ...ci?.roles,
    };
    const launching = launchingRoles(scope).map((role) => launchers[role]!.role.name);
    new Spending(
      this.named("spending"),
      scope,
      { alerts, stop: stop && budgetAction && { policy: stop.policy, role: budgetAction, launching } },
      own,
    );
    const images = scope.settings.image.ownsRepository ? new Images(this.named("images"), scope, own) : undefined;
    const source =
      identity.releases || operations["image-build"]
        ? new SourceBundle(this.named("source"), scope, storage.artifacts.bucket, own)
        : undefined;
    if (operations["image-build"])
      new ImageBuilds(
        this.named("image-builds"),
        scope,
        { role: operations["image-build"], keyArn: key.arn, source: source!, repository: images!.repository },
        own,
      );

    const tracking = new Tracking(this.named("tracking"), scope, storage.artifacts.bucket, services.mlflow, own);
    tracking.grantTo({ ...services, ...people, ...identity.studio, ...identity.experiments });
    const registry = new Registry(this.named("registry"), scope, own);
    const reactions = new Reactions(
      this.named("reactions"),
      scope,
      { alerts, announceRole: services["announce-candidate"], keyArn: key.arn },
      own,
    );
    const { deadLetters } = reactions;
    const events = new Events(
      this.named("events"),
      scope,
      { alerts, forwardRole: operations["event-forward"]!, deadLetters },
      own,
    );
    const builds =
      identity.releases &&
      new ReleaseBuilds(
        this.named("delivery"),
        scope,
        { roles: identity.releases, keyArn: key.arn, source: source!, alerts, deadLetters },
        own,
      );
    if (identity.releases)
      new ReleaseRequests(
        this.named("requests"),
        scope,
        { role: identity.releases["release-request"], keyArn: key.arn, deadLetters },
        own,
      );
    const trialRole = identity.releases?.["staging-trial"];
    const trials =
      trialRole &&
      new StagingTrials(this.named("trials"), scope, { role: trialRole, keyArn: key.arn, deadLetters }, own);
    const training = new Training(
      this.named("training"),
      scope,
      {
        identity,
        artifactsBucket: storage.artifacts.bucket,
        announceFunctionArn: reactions.announce.arn,
        trialQueueUrl: trials?.queue.url,
        mlflowAppArn: tracking.uri,
        placement,
      },
      own,
    );
    const detector =
      release &&
      new MonitoredEndpoint(
        scope.endpointName,
        scope,
        {
          release,
          role: services["endpoint-execution"],
          keyArn: key.arn,
          artifactsBucket: storage.artifacts.bucket,
          alerts,
          placement,
        },
        own,
      );

    const { nights } = scope.settings.cost;
    if (detector && nights.endpoint !== "on")
      new Nights(
        this.named("nights"),
        scope,
        { detector, office: nights.office, role: foundation["night-schedule"], deadLetters },
        own,
      );
    const { "monitoring-execution": watch, "monitoring-start": startWatch } = operations;
    if (watch && startWatch)
      new Monitoring(
        this.named("monitoring"),
        scope,
        {
          roles: { "monitoring-execution": watch, "monitoring-start": startWatch },
          variant: championVariant,
          schedules: events.schedules,
          deadLetters,
          endpoint: detector?.endpoint,
          placement,
        },
        own,
      );
    const studio = scope.settings.studio.enabled
      ? new Studio(
          this.named("studio"),
          scope,
          {
            network:
              network.vpc && placement ? { vpcId: network.vpc.id, ...placement } : defaultNetwork({ parent: this }),
            keyArn: key.arn,
            artifactsBucket: storage.artifacts.bucket,
            roles: Object.values(identity.studio).map(({ duties }) => duties),
          },
          own,
        )
      : undefined;
    new EnvironmentDashboard(
      this.named("dashboards"),
      scope,
      // The endpoint's alarms are on its own dashboard: their names change with every release, and a release changes nothing else.
      {
        alarms: reactions.alarms,
        variant: championVariant,
        functions: [reactions.announce.function.name],
        rules: reactions.rules.map((rule) => rule.name),
      },
      own,
    );

    this.outputs = {
      environment: scope.environment,
      artifactsBucket: storage.artifacts.bucket,
      datasetBucket: scope.settings.dataset.bucket,
      imageUri: scope.imageUri,
      modelPackageGroup: registry.group.modelPackageGroupName,
      pipelineName: training.pipeline.pipelineName,
      trackingUri: tracking.uri,
      ...(tracking.appArn ? { mlflowAppArn: tracking.appArn } : {}),
      eventBusName: events.bus.name,
      ...(studio
        ? {
            studioDomainId: studio.domain.id,
            studioFileSystemId: studio.domain.homeEfsFileSystemId,
            studioUrl: studio.domain.url,
          }
        : {}),
      approvalKeyArn: approvals.key.arn,
      releaseParameter: scope.releaseParameter,
      ledgerHeadParameter: scope.ledgerHeadParameter,
      endpointName: scope.endpointName,
      roleArns: Object.fromEntries(
        Object.entries({
          ...services,
          ...people,
          ...operations,
          ...identity.studio,
          ...identity.experiments,
          ...identity.releases,
          ...ci?.roles,
        }).map(([role, { arn }]) => [role, arn]),
      ),
      alertTopicArns: {
        critical: alerts.arn("critical"),
        warning: alerts.arn("warning"),
        info: alerts.arn("info"),
      },
      ...(audit ? { auditBucket: audit.bucket.bucket, trailName: audit.trail.name } : {}),
      ...(builds ? { releaseProject: builds.project.name } : {}),
      ...(release && detector
        ? { desiredModelPackageArn: release.modelPackageArn, endpointConfigName: detector.configuration.name }
        : {}),
    };
    this.registerOutputs({});
  }
}
