import { Experiments } from "../../../aws/sagemaker-experiments";
import { held, refuted } from "../answer";
import type { Experiment } from "../experiment";
import { runOneStep } from "./one-step";

/** Registering a model package as the training pipeline does, whose role may not read the package's image. */
export const registerRights: Experiment = {
  name: "register-rights",
  question:
    "Does a pipeline's RegisterModel step need rights on the package's image (ECR) and archive (S3) of the pipeline's role?",
  believed:
    "The duties of the role pipeline-execution are enough to register a package; nobody asks ECR with its rights.",
  minutes: 15,
  costs: [],
  async ask(bench) {
    const { model } = bench;
    const group = bench.name("group");
    await new Experiments(bench.session).createGroup(group, bench.tags);
    const role = await bench.programRole("pipeline-execution", { modelPackageGroup: group });
    const specification = {
      Containers: [{ Image: model.image, ModelDataUrl: model.modelDataUrl }],
      SupportedContentTypes: ["image/jpeg"],
      SupportedResponseMIMETypes: ["application/json"],
    };
    const step = {
      Name: "RegisterDetector",
      Type: "RegisterModel",
      Arguments: {
        ModelPackageGroupName: group,
        ModelApprovalStatus: "PendingManualApproval",
        InferenceSpecification: specification,
      },
    };
    const { status, reason } = await runOneStep(bench, role, step, 8, async (ended) => ended);
    if (status === "Succeeded") return held("the step registered the package");
    if (/ecr|s3|image|access|authoriz/i.test(reason)) return refuted(`the pipeline is ${status}: ${reason}`);
    throw new Error(`the pipeline is ${status}: ${reason}`);
  },
};
