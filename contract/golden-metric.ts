/**
 * What automation tells CloudWatch of a new fleet while an update is under way: 1 for a wrong answer to a golden image,
 * and where its traffic proves it to be worse than the old one; 0 for an acceptable answer. An alarm of the rollout
 * watches it, so that SageMaker itself rolls such a release back: no call of its API can interrupt an update (UpdateEndpoint and DeleteEndpoint are refused until it has ended).
 * Dimensions: EndpointName, VariantName, EndpointConfigName.
 *
 * Its namespace is the environment's and the release's alone: whoever may write there could roll a release back, or
 * keep a bad one live.
 */
export function goldenMetric(environment: string): { readonly namespace: string; readonly name: string } {
  return { namespace: `Peregrine/${environment}/release`, name: "GoldenFailures" };
}
