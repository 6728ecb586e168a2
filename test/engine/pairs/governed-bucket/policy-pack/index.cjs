const { PolicyPack } = require("@pulumi/policy");

new PolicyPack("tiny-policies", {
  policies: [
    {
      name: "bucket-has-owner",
      description: "Buckets carry the tag owner.",
      enforcementLevel: "mandatory",
      validateResource: ({ type, props }, report) => {
        if (type === "aws:s3/bucket:Bucket" && !props.tags?.owner) report("the bucket has no tag owner");
      },
    },
  ],
});
