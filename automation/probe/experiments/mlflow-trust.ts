import { Experiments } from "../../../aws/sagemaker-experiments";
import { held, refuted } from "../answer";
import type { Experiment } from "../experiment";

/** An MLflow App with the program's own role, over a bucket under the program's own key policy. */
export const mlflowTrust: Experiment = {
  name: "mlflow-trust",
  question:
    "Does an MLflow App come up with the program's role for it: trust in SageMaker on behalf of this account alone, one prefix of a bucket, and the environment's key?",
  believed:
    "A trust policy with the condition aws:SourceAccount, and the duties of the role mlflow, are enough for an MLflow App.",
  minutes: 25,
  costs: [
    { key: "s3.write", units: 100 },
    { key: "kms.key", units: 0.05 },
  ],
  async ask(bench) {
    const experiments = new Experiments(bench.session);
    bench.step("makes a key under the program's key policy, and a bucket that is encrypted with it");
    const bucket = await bench.bucket(await bench.key(bench.documents.keyPolicy));
    const role = await bench.programRole("mlflow", { keyAlias: `alias/${bench.name("key")}`, artifactsBucket: bucket });
    bench.step("creates the app");
    const arn = await bench.settled(6, /assume(?!d-role)|not.*valid.*role|kms|AccessDenied/i, () =>
      experiments.createMlflowApp(bench.name("app"), `s3://${bucket}/mlflow`, role, bench.tags),
    );
    const status = await bench.until(15, async () =>
      ((one) => (/^(Creating|Updating)$/.test(one) ? undefined : one))(await experiments.mlflowAppStatus(arn)),
    );
    return /^(Created|Updated|Active|InService)$/.test(status ?? "")
      ? held(`the app is ${status}`)
      : refuted(`the app is ${status ?? "not up after 15 minutes"}`);
  },
};
