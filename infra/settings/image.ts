import { flag, text } from "./setting";

export const imageSettings = {
  imageTag: text(/^\w[\w.-]{0,127}$/, "an image tag", {
    meaning: "Tag of the image `peregrine-ml` that pipeline jobs run. Releases carry their own image.",
    default: "0.1.0",
  }),
  ownsImageRepository: flag({
    meaning: "True in exactly one stack per AWS account, the one that creates the ECR repository `peregrine-ml`.",
    default: "false",
  }),
};
