import { Experiments } from "../../../aws/sagemaker-experiments";
import { type Experiment, held, refuted, wordsOf } from "../experiment";

/** Registering a model package as somebody who may not read its image. */
export const registerRights: Experiment = {
  name: "register-rights",
  question: "Does registering a model package need rights on its image (ECR) and its archive (S3) of the caller?",
  believed: "Whoever registers a package needs sagemaker:CreateModelPackage alone; nobody asks ECR or S3 with the caller's rights.",
  minutes: 6,
  costs: [],
  async ask(bench) {
    const { model } = bench;
    const group = bench.name("group");
    const experiments = new Experiments(bench.session);
    await experiments.createGroup(group, bench.tags);
    const somebody = await bench.sessionThatMay("registers", [{ Effect: "Allow", Action: "sagemaker:CreateModelPackage", Resource: [bench.arn("sagemaker", `model-package-group/${group}`), bench.arn("sagemaker", `model-package/${group}/*`)] }]);
    bench.step("registers a package as a role without rights on image and archive");
    try {
      const arn = await bench.settled(2, /not authorized to perform: sagemaker:CreateModelPackage/, () => new Experiments(somebody).register(group, model.image, model.modelDataUrl));
      return held(`registered as ${arn}`);
    } catch (error) {
      if (/ecr|s3|image|access/i.test((error as Error).message)) return refuted(wordsOf(error));
      throw error;
    }
  },
};
