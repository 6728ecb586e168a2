import type * as pulumi from "@pulumi/pulumi";
import { Alerts, severities } from "./alerts/alerts";
import { AlertChannels } from "./alerts/chat";
import { Component } from "./component";
import { CiAccess } from "./delivery/deployer";
import { EnvironmentDashboard } from "./dashboards/environment-dashboard";
import { ReleaseBuilds } from "./delivery/release-builds";
import { SourceBundle } from "./delivery/source-bundle";
import { Events } from "./events/events";
import { Identity } from "./identity/identity";
import { ImageBuilds } from "./images/image-builds";
import { Images } from "./images/images";
import { EnvironmentKey } from "./keys/keys";
import { Monitoring } from "./monitoring/monitoring";
import { Reactions } from "./reactions/reactions";
import { Registry } from "./registry/registry";
import type { DesiredRelease } from "./release";
import type { Scope } from "./scope";
import { championVariant, MonitoredEndpoint } from "./serving/monitored-endpoint";
import { Storage } from "./storage/storage";
import { defaultNetwork } from "./studio/network";
import { Studio } from "./studio/studio";
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
    const identity = new Identity(this.named("identity"), scope, own);
    const alerts = new Alerts(this.named("alerts"), scope, key.arn, own);
    const { services, people, operations } = identity;
    if (operations.chat) new AlertChannels(this.named("chat"), scope, { alerts, role: operations.chat }, own);
    const ci = scope.settings.deployer.repository ? new CiAccess(this.named("ci"), scope, identity.deployerBoundary, own) : undefined;
    const images = scope.settings.image.ownsRepository ? new Images(this.named("images"), scope, own) : undefined;
    const source = identity.releases || operations["image-build"] ? new SourceBundle(this.named("source"), scope, storage.artifacts.bucket, own) : undefined;
    if (operations["image-build"]) new ImageBuilds(this.named("image-builds"), scope, { role: operations["image-build"], keyArn: key.arn, source: source!, repository: images!.repository }, own);

    const tracking = new Tracking(this.named("tracking"), scope, storage.artifacts.bucket, services.mlflow, own);
    tracking.grantTo(services["training-execution"], services["processing-execution"], people["data-scientist"], people["ml-engineer"], ...Object.values(identity.studio));
    const registry = new Registry(this.named("registry"), scope, own);
    const reactions = new Reactions(this.named("reactions"), scope, { alerts, announceRole: services["announce-candidate"], keyArn: key.arn }, own);
    const { deadLetters } = reactions;
    const events = new Events(this.named("events"), scope, { alerts, forwardRole: operations["event-forward"]!, deadLetters }, own);
    const builds = identity.releases && new ReleaseBuilds(this.named("delivery"), scope, { roles: identity.releases, keyArn: key.arn, source: source!, alerts, deadLetters }, own);
    const training = new Training(
      this.named("training"),
      scope,
      { identity, artifactsBucket: storage.artifacts.bucket, announceFunctionArn: reactions.announce.arn, mlflowAppArn: tracking.uri },
      own,
    );
    const detector =
      release &&
      new MonitoredEndpoint(
        scope.endpointName,
        scope,
        { release, role: services["endpoint-execution"], keyArn: key.arn, artifactsBucket: storage.artifacts.bucket, alerts },
        own,
      );

    const { "monitoring-execution": watch, "monitoring-start": startWatch } = operations;
    if (watch && startWatch)
      new Monitoring(this.named("monitoring"), scope, { roles: { "monitoring-execution": watch, "monitoring-start": startWatch }, variant: championVariant, schedules: events.schedules, deadLetters, endpoint: detector?.endpoint }, own);
    const studio = scope.settings.studio.enabled
      ? new Studio(this.named("studio"), scope, { network: defaultNetwork({ parent: this }), keyArn: key.arn, artifactsBucket: storage.artifacts.bucket, roles: Object.values(identity.studio).map(({ duties }) => duties) }, own)
      : undefined;
    new EnvironmentDashboard(
      this.named("dashboards"),
      scope,
      { alarms: [...reactions.alarms, ...(detector?.alarms ?? [])], variant: championVariant, functions: [reactions.announce.function.name], rules: reactions.rules.map((rule) => rule.name) },
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
      ...(studio ? { studioDomainId: studio.domain.id, studioUrl: studio.domain.url } : {}),
      releaseParameter: scope.releaseParameter,
      ledgerHeadParameter: scope.ledgerHeadParameter,
      endpointName: scope.endpointName,
      roleArns: Object.fromEntries(Object.entries({ ...services, ...people, ...operations, ...identity.studio, ...identity.releases, ...ci?.roles }).map(([role, { arn }]) => [role, arn])),
      alertTopicArns: Object.fromEntries(severities.map((severity) => [severity, alerts.arn(severity)])),
      ...(builds ? { releaseProject: builds.project.name } : {}),
      ...(release && detector ? { desiredModelPackageArn: release.modelPackageArn, endpointConfigName: detector.configuration.name } : {}),
    };
    this.registerOutputs({});
  }
}
