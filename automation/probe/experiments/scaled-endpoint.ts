import { Scaling } from "../../../aws/scaling";
import { SageMaker } from "../../../aws/sagemaker";
import { Hosting } from "../../../aws/sagemaker-hosting";
import { held, refuted, errorText } from "../answer";
import type { Experiment } from "../experiment";
import { cpuEndpoint } from "./endpoint";

/** Deleting an endpoint that scales, by somebody who may not deregister its target. */
export const scaledEndpoint: Experiment = {
  name: "scaled-endpoint",
  question:
    "Who deletes an endpoint with a scalable target: is the right needed to deregister it, and does the target go with the endpoint?",
  believed:
    "DeleteEndpoint is refused without application-autoscaling:DeregisterScalableTarget; with it, the target goes silently.",
  minutes: 45,
  costs: [{ key: "sagemaker.hosting.ml.m5.large", units: 45 / 60 }],
  async ask(bench) {
    const { endpoint } = await cpuEndpoint(bench, 20);
    const scaling = new Scaling(bench.session);
    bench.step("registers its variant as a scalable target");
    await scaling.register(endpoint, "probe", 1, 2);
    const endpointArn = bench.arn("sagemaker", `endpoint/${endpoint}`);
    const mayDelete = {
      Effect: "Allow",
      Action: ["sagemaker:DeleteEndpoint", "sagemaker:DescribeEndpoint"],
      Resource: endpointArn,
    };
    const somebody = await bench.sessionThatMay("deletes", [mayDelete]);
    bench.step("deletes the endpoint as a role that may delete endpoints and nothing else");
    let refusal: string | undefined;
    try {
      await bench.settled(1, /not authorized to perform: sagemaker:DeleteEndpoint/, () =>
        new Hosting(somebody).delete(endpoint),
      );
    } catch (error) {
      refusal = errorText(error);
    }
    if (refusal === undefined) return refuted("the endpoint was deleted without the right to deregister its target");
    if (!/DeregisterScalableTarget|application-autoscaling/i.test(refusal)) throw new Error(refusal);
    await bench.roles.allow(
      bench.name("deletes"),
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          mayDelete,
          {
            Effect: "Allow",
            Action: [
              "application-autoscaling:DeregisterScalableTarget",
              "application-autoscaling:DescribeScalableTargets",
            ],
            Resource: "*",
          },
        ],
      }),
    );
    bench.step("deletes it again, with that right");
    await bench.settled(2, /application-autoscaling|DeregisterScalableTarget/i, () =>
      new Hosting(somebody).delete(endpoint),
    );
    await bench.until(10, async () =>
      (await new SageMaker(bench.session).describeEndpoint(endpoint)) === undefined ? true : undefined,
    );
    const target = await scaling.suspended(endpoint, "probe");
    return target === undefined
      ? held(`first refused: ${refusal}; then deleted, and the target with it`)
      : refuted(`first refused: ${refusal}; then deleted, but the target stayed`);
  },
};
