import { securityHub } from "../frameworks";
import { blockOf, isGiven } from "../inputs";
import { byType, defineRule } from "../rule";
import { types } from "../types";

export const notebookClosed = defineRule({
  name: "notebook-closed",
  description:
    "Notebook instances are in a VPC, without direct internet access, root access and the first version of the metadata service.",
  rationale: "Whoever is root on a notebook can take its role's credentials away.",
  severity: "high",
  framework: securityHub(
    "SageMaker.1",
    "Notebook instances have no direct internet access (also SageMaker.2 and SageMaker.3)",
  ),
  remediationSteps:
    "Use Studio; where you need a notebook instance, set directInternetAccess and rootAccess to Disabled, subnetId, and metadata version 2.",
  url: "https://docs.aws.amazon.com/securityhub/latest/userguide/sagemaker-controls.html",
  ...byType({
    *[types.notebook](props) {
      if (props["directInternetAccess"] !== "Disabled") yield "directInternetAccess is not Disabled.";
      if (props["rootAccess"] !== "Disabled") yield "rootAccess is not Disabled.";
      if (!isGiven(props, "subnetId")) yield "The notebook lies outside of a VPC (subnetId is not set).";
      if (blockOf(props, "instanceMetadataServiceConfiguration")?.["minimumInstanceMetadataServiceVersion"] !== "2")
        yield "The metadata service answers without a session (version 1).";
    },
  }),
});
