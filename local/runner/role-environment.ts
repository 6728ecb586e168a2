import type { Cloud } from "../cloud";
import type { Principal } from "../iam/principal";

/**
 * What the platform itself gives to a process that acts as a role: keys of a session, and the endpoint variables, by
 * which the runner brings a process to the local cloud where AWS would bring a container to AWS. Nothing inside has to
 * know.
 */
export function roleEnvironment(cloud: Cloud, principal: Principal, gatewayUrl: string): Record<string, string> {
  const keys = cloud.internals.credentials(principal);
  return {
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_SESSION_TOKEN: keys.sessionToken,
    AWS_ENDPOINT_URL: gatewayUrl,
    SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT: gatewayUrl,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}
