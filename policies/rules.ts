import type { Rule } from "./rule";
import { alarmNotifies } from "./rules/alarm-notifies";
import { autoscalingBounds } from "./rules/autoscaling-bounds";
import { bucketTlsOnly } from "./rules/bucket-tls-only";
import { bucketVersioned } from "./rules/bucket-versioned";
import { budgetPresent } from "./rules/budget-present";
import { buildProjectClosed } from "./rules/build-project-closed";
import { closedEgress } from "./rules/closed-egress";
import { closedIngress } from "./rules/closed-ingress";
import { contentNamedConfiguration } from "./rules/content-named-configuration";
import { datasetBucketReadOnly } from "./rules/dataset-bucket-read-only";
import { endpointMonitored } from "./rules/endpoint-monitored";
import { eventTargetDeadLetter } from "./rules/event-target-dead-letter";
import { expiresTag } from "./rules/expires-tag";
import { explicitDeploymentConfig } from "./rules/explicit-deployment-config";
import { gpuCount } from "./rules/gpu-count";
import { hostFitsImage } from "./rules/host-fits-image";
import { humanTrustMfa } from "./rules/human-trust-mfa";
import { imageRepositoryImmutable } from "./rules/image-repository-immutable";
import { instanceAllowList } from "./rules/instance-allow-list";
import { jobRuntimeBounded } from "./rules/job-runtime-bounded";
import { kmsEncryption } from "./rules/kms-encryption";
import { kmsKeyRotation } from "./rules/kms-key-rotation";
import { lambdaRuntimeSupported } from "./rules/lambda-runtime-supported";
import { logRetention } from "./rules/log-retention";
import { modelCard } from "./rules/model-card";
import { modelLicence } from "./rules/model-licence";
import { modelNetworkIsolation } from "./rules/model-network-isolation";
import { monthlyPriceCeiling } from "./rules/monthly-price-ceiling";
import { monitoringPresent } from "./rules/monitoring-present";
import { noClosedServices } from "./rules/no-closed-services";
import { noForceDestroy } from "./rules/no-force-destroy";
import { noIamUsers } from "./rules/no-iam-users";
import { noMonitoredServerless } from "./rules/no-monitored-serverless";
import { noPlaintextSecrets } from "./rules/no-plaintext-secrets";
import { noPublicOrUnencryptedBucket } from "./rules/no-public-or-unencrypted-bucket";
import { noPublicResourcePolicy } from "./rules/no-public-resource-policy";
import { noWildcardPassRole } from "./rules/no-wildcard-pass-role";
import { noWildcardPermissions } from "./rules/no-wildcard-permissions";
import { notebookClosed } from "./rules/notebook-closed";
import { permissionsBoundary } from "./rules/permissions-boundary";
import { providerGuard } from "./rules/provider-guard";
import { requiredTags } from "./rules/required-tags";
import { rolloutGuarded } from "./rules/rollout-guarded";
import { spotTraining } from "./rules/spot-training";
import { studioIdleShutdown } from "./rules/studio-idle-shutdown";
import { studioVpcOnly } from "./rules/studio-vpc-only";
import { trailProtected } from "./rules/trail-protected";
import { trustLimited } from "./rules/trust-limited";
import { trustedImages } from "./rules/trusted-images";
import { vpcFlowLogs } from "./rules/vpc-flow-logs";
import { workloadsInVpc } from "./rules/workloads-in-vpc";

/** All rules, in the order in which they report. */
export const rules: readonly Rule[] = [
  // Whose it is, and where.
  requiredTags,
  expiresTag,
  providerGuard,
  // Who may do what.
  noIamUsers,
  permissionsBoundary,
  noWildcardPermissions,
  noWildcardPassRole,
  trustLimited,
  humanTrustMfa,
  // Data and secrets.
  datasetBucketReadOnly,
  noPublicOrUnencryptedBucket,
  bucketVersioned,
  bucketTlsOnly,
  noPublicResourcePolicy,
  noPlaintextSecrets,
  kmsEncryption,
  kmsKeyRotation,
  noForceDestroy,
  // Networks and workbenches.
  closedIngress,
  closedEgress,
  vpcFlowLogs,
  workloadsInVpc,
  modelNetworkIsolation,
  studioVpcOnly,
  studioIdleShutdown,
  notebookClosed,
  // Money.
  instanceAllowList,
  gpuCount,
  spotTraining,
  jobRuntimeBounded,
  autoscalingBounds,
  budgetPresent,
  monthlyPriceCeiling,
  // Models and how they serve.
  endpointMonitored,
  monitoringPresent,
  explicitDeploymentConfig,
  rolloutGuarded,
  contentNamedConfiguration,
  noMonitoredServerless,
  noClosedServices,
  modelLicence,
  modelCard,
  trustedImages,
  hostFitsImage,
  // Watching and building.
  alarmNotifies,
  eventTargetDeadLetter,
  logRetention,
  trailProtected,
  imageRepositoryImmutable,
  buildProjectClosed,
  lambdaRuntimeSupported,
];
