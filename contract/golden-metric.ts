/**
 * What automation tells CloudWatch of a new fleet's answers to the golden images while an update is under way: 1 for one that must not
 * be, 0 for one that may. An alarm of the rollout watches it, so that SageMaker itself takes a wrong model back: no call of its
 * API can interrupt an update (UpdateEndpoint and DeleteEndpoint are refused until it has ended). Dimensions: EndpointName, VariantName,
 * EndpointConfigName.
 *
 * Its namespace is the environment's and the release's alone: whoever may write there could take a release back, or keep a bad one.
 */
export function goldenMetric(environment: string): { readonly namespace: string; readonly name: string } {
  return { namespace: `Peregrine/${environment}/release`, name: "GoldenFailures" };
}
