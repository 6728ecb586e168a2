import { notebookClosed as rule } from "../../../policies/rules/notebook-closed";
import { describeRule, unknownText } from "../../support/policy";

const notebook = "aws:sagemaker/notebookInstance:NotebookInstance";
const good = {
  directInternetAccess: "Disabled",
  rootAccess: "Disabled",
  subnetId: "subnet-1",
  instanceMetadataServiceConfiguration: { minimumInstanceMetadataServiceVersion: "2" },
};

describeRule(rule, {
  refuses: {
    "direct internet access": [
      notebook,
      { ...good, directInternetAccess: "Enabled" },
      /directInternetAccess is not Disabled/,
    ],
    "root access, which is the default": [notebook, { ...good, rootAccess: undefined }, /rootAccess is not Disabled/],
    "a notebook outside of a VPC": [notebook, { ...good, subnetId: undefined }, /outside of a VPC/],
    "the first metadata service": [
      notebook,
      { ...good, instanceMetadataServiceConfiguration: { minimumInstanceMetadataServiceVersion: "1" } },
      /version 1/,
    ],
  },
  accepts: {
    "a closed notebook": [notebook, good],
    "a subnet that a preview does not know yet": [notebook, { ...good, subnetId: unknownText }],
  },
  ignores: ["aws:sagemaker/domain:Domain"],
  stoppedBy: {
    "a switch that a preview does not know": [notebook, { ...good, rootAccess: unknownText }, /rootAccess/],
  },
});
