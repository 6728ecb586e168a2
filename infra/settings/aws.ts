import { optional, text } from "./setting";

/** What the program reads of the AWS provider's own settings. */
export const awsSettings = {
  region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region such as eu-central-1", {
    meaning: "AWS Region of the environment.",
    example: "eu-central-1",
  }),
  profile: optional(/./, "text", {
    meaning:
      "AWS profile that everything is asked through; without one the SDK's default chain decides (CodeBuild, CI).",
    example: "ab",
  }),
};
