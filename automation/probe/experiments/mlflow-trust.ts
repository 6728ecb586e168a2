import { Experiments } from "../../../aws/sagemaker-experiments";
import { type Experiment, held, refuted } from "../experiment";

/** An MLflow App whose role trusts SageMaker for this account alone. */
export const mlflowTrust: Experiment = {
  name: "mlflow-trust",
  question: "Does an MLflow App come up with a role that trusts SageMaker on behalf of this account alone, and reaches one prefix of a bucket?",
  believed: "A trust policy with the condition aws:SourceAccount, and rights on the artifacts' prefix, are enough for an MLflow App.",
  minutes: 20,
  costs: [{ key: "s3.write", units: 100 }],
  async ask(bench) {
    const experiments = new Experiments(bench.session);
    const bucket = await bench.bucket();
    const role = await bench.serviceRole("sagemaker", [
      { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], Resource: `arn:aws:s3:::${bucket}/mlflow/*` },
      { Effect: "Allow", Action: "s3:ListBucket", Resource: `arn:aws:s3:::${bucket}` },
    ]);
    bench.step("creates the app");
    const arn = await bench.settled(2, /assume|not.*valid.*role/i, () => experiments.createMlflowApp(bench.name("app"), `s3://${bucket}/mlflow`, role, bench.tags));
    const status = await bench.until(15, async () => ((one) => (/^(Creating|Updating)$/.test(one) ? undefined : one))(await experiments.mlflowAppStatus(arn)));
    return /^(Created|Updated|Active|InService)$/.test(status ?? "") ? held(`the app is ${status}`) : refuted(`the app is ${status ?? "not up after 15 minutes"}`);
  },
};
