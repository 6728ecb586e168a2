import type { imageSettings } from "./image";
import type { Demand } from "./problems";
import { flag, optional, text, type Values } from "./setting";

export const ciSettings = {
  imageBuilds: flag({
    meaning:
      "Makes a CodeBuild project that builds the container image from the committed source. In the stack that owns the repository only.",
    default: "false",
  }),
  ciRepository: optional(/^[A-Za-z0-9-]{1,39}\/[\w.-]{1,100}$/, "a GitHub repository such as owner/name", {
    meaning:
      "GitHub repository (owner/name) whose workflows may deploy this environment and preview pull requests. Empty makes no roles for CI.",
    example: "owner/name",
  }),
  ciBranch: text(/^[A-Za-z0-9][\w./-]{0,254}$/, "a branch without wildcards", {
    meaning: "Branch whose workflows may deploy.",
    default: "main",
  }),
  ciEnvironment: optional(/^[A-Za-z0-9][\w. -]{0,254}$/, "the name of a GitHub environment", {
    meaning:
      "GitHub environment that deployments must run in, so that its protection rules hold. Empty trusts the branch alone.",
    example: "production",
  }),
  ciOidcProviderArn: optional(/^arn:aws[a-z-]*:iam::\d{12}:oidc-provider\/\S+$/, "the ARN of an IAM OIDC provider", {
    meaning:
      "ARN of an IAM OIDC provider for GitHub that exists already. Empty makes one, which works in one stack per account.",
    example: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
  }),
};
type CiValues = Values<typeof ciSettings>;

export const ciDemands: readonly Demand<CiValues & Values<typeof imageSettings>>[] = [
  {
    // Builds push to the repository, so they belong where it is made.
    of: ["imageBuilds", "ownsImageRepository"],
    *clashes({ imageBuilds, ownsImageRepository }) {
      if (imageBuilds && !ownsImageRepository)
        yield {
          name: "imageBuilds",
          reason: "is true, but peregrine:ownsImageRepository is not: images are built where the repository is made",
        };
    },
  },
];

export interface DeployerSettings {
  /** `owner/name` on GitHub; undefined makes no roles for CI. */
  readonly repository: string | undefined;
  readonly branch: string;
  /** GitHub environment whose protection rules guard the deployer; undefined trusts the branch alone. */
  readonly environment: string | undefined;
  /** Identity provider that exists in the account already; undefined makes one. */
  readonly oidcProviderArn: string | undefined;
}

export function deployerOf(values: CiValues): DeployerSettings {
  return {
    repository: values.ciRepository,
    branch: values.ciBranch,
    environment: values.ciEnvironment,
    oidcProviderArn: values.ciOidcProviderArn,
  };
}
