import { list, text } from "./setting";

/** Tag values: 256 characters of this alphabet (Resource Groups Tagging API). */
export const tagValue = /^[\w .:/=+@-]{1,256}$/;

export const ownershipSettings = {
  owner: text(tagValue, "a tag value", {
    meaning: "Team that answers for the environment; tag `owner` on every resource.",
    default: "vision-platform",
  }),
  costCenter: text(tagValue, "a tag value", {
    meaning: "Cost centre of the environment; tag `cost-center` on every resource.",
    default: "drone-vision",
  }),
  allowedAccountIds: list(/^\d{12}$/, "12-digit account ids", {
    meaning: "AWS account ids that this stack may be deployed to; empty allows the account of the profile.",
    example: "123456789012",
  }),
};
