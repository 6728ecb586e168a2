/** What is desired of an endpoint, and what it is. */
export interface ServingState {
  /** EndpointConfig that the program wants live; absent while no release is desired. */
  readonly wantedConfigName?: string;
  /** Whether a release is desired. */
  readonly desired: boolean;
  /** Absent where there is no endpoint. */
  readonly endpoint?: { readonly status?: string; readonly configName?: string };
}

/**
 * Whether an endpoint is in service on the configuration that the program wants; where nothing is desired, whether
 * there is none.
 */
export function isConverged({ desired, endpoint, wantedConfigName }: ServingState): boolean {
  if (!desired) return endpoint === undefined;
  return endpoint?.status === "InService" && endpoint.configName === wantedConfigName;
}
