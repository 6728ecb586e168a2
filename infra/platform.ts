import type * as pulumi from "@pulumi/pulumi";
import { Alerts, severities } from "./alerts/alerts";
import { Audit } from "./audit/audit";
import { Component } from "./component";
import { Nights } from "./cost/nights";
import { Spending } from "./cost/spending";
import { ReleaseBuilds } from "./delivery/release-builds";
import { StagingTrials } from "./delivery/staging-trials";
import { FoundationRoles, LaunchStop } from "./identity/foundation";
import { launchingRoles } from "./identity/foundation-roles";
import { Identity, type Role } from "./identity/identity";
import { Images } from "./images/images";
import { EnvironmentKey } from "./keys/keys";
import { Network } from "./network/network";
import { Reactions } from "./reactions/reactions";
import { Registry } from "./registry/registry";
import type { DesiredRelease } from "./release";
import type { Scope } from "./scope";
import { MonitoredEndpoint } from "./serving/monitored-endpoint";
import { Storage } from "./storage/storage";
import { Tracking } from "./tracking/tracking";
import { Training } from "./training/training";

/** One environment: from the key that encrypts everything to the endpoint that serves the desired release. */
export class Platform extends Component {
  /** What automation needs to know of an environment. */
  readonly outputs: Readonly<Record<string, pulumi.Input<unknown>>>;

  /** @param release without it everything but the endpoint exists. */
  constructor(scope: Scope, release: DesiredRelease | undefined, options: pulumi.ComponentResourceOptions) {
    super("platform", "Platform", scope.names.prefix, scope, options);
    const own = { parent: this };
    const key = new EnvironmentKey(this.named("keys"), scope, own);
    const storage = new Storage(this.named("storage"), scope, key.arn, own);
    const stop = scope.settings.cost.stop === "off" ? undefined : new LaunchStop(this.named("launch-stop"), scope, own);
    const identity = new Identity(this.named("identity"), scope, { ...own, ...(stop ? { dependsOn: [stop.policy] } : {}) });
    const alerts = new Alerts(this.named("alerts"), scope, key.arn, own);
    const { services, people } = identity;
    const { roles: foundation, budgetAction } = new FoundationRoles(this.named("foundation"), scope, identity.boundary.arn, own);
    const { placement } = new Network(this.named("network"), scope, { keyArn: key.arn, flowLogRole: foundation["flow-logs"] }, own);
    const audit = foundation["trail-logs"] && new Audit(this.named("audit"), scope, foundation["trail-logs"], own);
    const launchers: Readonly<Record<string, Role | undefined>> = { ...services, ...people };
    const launching = launchingRoles(scope).map((role) => launchers[role]!.role.name);
    new Spending(this.named("spending"), scope, { alerts, stop: stop && budgetAction && { policy: stop.policy, role: budgetAction, launching } }, own);
    if (scope.settings.image.ownsRepository) new Images(this.named("images"), scope, own);

    const tracking = new Tracking(this.named("tracking"), scope, storage.artifacts.bucket, services.mlflow, own);
    tracking.grantTo(services["training-execution"], services["processing-execution"], people["data-scientist"], people["ml-engineer"]);
    const registry = new Registry(this.named("registry"), scope, own);
    const reactions = new Reactions(this.named("reactions"), scope, { alerts, announceRole: services["announce-candidate"], keyArn: key.arn }, own);
    const { deadLetters } = reactions;
    const builds = identity.releases && new ReleaseBuilds(this.named("delivery"), scope, { roles: identity.releases, keyArn: key.arn, artifactsBucket: storage.artifacts.bucket, alerts, deadLetters }, own);
    const trialRole = identity.releases?.["staging-trial"];
    const trials = trialRole && new StagingTrials(this.named("trials"), scope, { role: trialRole, keyArn: key.arn, deadLetters }, own);
    const training = new Training(
      this.named("training"),
      scope,
      { identity, artifactsBucket: storage.artifacts.bucket, announceFunctionArn: reactions.announce.arn, trialQueueUrl: trials?.queue.url, mlflowAppArn: tracking.arn, placement },
      own,
    );
    const detector =
      release &&
      new MonitoredEndpoint(
        scope.endpointName,
        scope,
        { release, role: services["endpoint-execution"], keyArn: key.arn, artifactsBucket: storage.artifacts.bucket, alerts, placement },
        own,
      );

    if (detector && scope.settings.cost.nights.endpoint !== "on") new Nights(this.named("nights"), scope, { detector, role: foundation["night-schedule"], deadLetters }, own);

    this.outputs = {
      environment: scope.environment,
      artifactsBucket: storage.artifacts.bucket,
      datasetBucket: scope.settings.dataset.bucket,
      imageUri: scope.imageUri,
      modelPackageGroup: registry.group.modelPackageGroupName,
      pipelineName: training.pipeline.pipelineName,
      mlflowAppArn: tracking.arn,
      releaseParameter: scope.releaseParameter,
      ledgerHeadParameter: scope.ledgerHeadParameter,
      endpointName: scope.endpointName,
      roleArns: Object.fromEntries(Object.entries({ ...services, ...people, ...identity.releases }).map(([role, { arn }]) => [role, arn])),
      alertTopicArns: Object.fromEntries(severities.map((severity) => [severity, alerts.arn(severity)])),
      ...(audit ? { auditBucket: audit.bucket.bucket, trailName: audit.trail.name } : {}),
      ...(builds ? { releaseProject: builds.project.name } : {}),
      ...(release && detector ? { desiredModelPackageArn: release.modelPackageArn, endpointConfigName: detector.configuration.name } : {}),
    };
    this.registerOutputs({});
  }
}
