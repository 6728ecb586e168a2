/**
 * What a training job prints after every epoch as `name=value;` (`peregrine_ml/training/train.py`). No name ends
 * another one: SageMaker may find it there.
 */
const printed = ["train_loss", "box_loss", "map50", "map", "precision", "recall"] as const;

/**
 * `MetricDefinitions` of the training job, which SageMaker makes CloudWatch metrics of: at most 40, the group is the
 * value (SageMaker API, `AlgorithmSpecification`).
 */
export const metricDefinitions: readonly { readonly Name: string; readonly Regex: string }[] = printed.map((name) => ({
  Name: name,
  Regex: `${name}=([0-9.eE+-]+);`,
}));
