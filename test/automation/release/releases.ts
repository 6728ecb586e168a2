import type { DesiredRelease, ReleasedModel } from "../../../contract/desired-release";

/** A model as an environment serves it; `digit` makes it a different one. */
export function modelOf(digit: string): ReleasedModel {
  const modelSha256 = digit.repeat(64);
  return {
    modelPackageArn: "arn:aws:sagemaker:eu-central-1:111122223333:model-package/peregrine-dev-detector/1",
    modelDataUrl: `s3://peregrine-prod-artifacts-111122223333/releases/${modelSha256}/model.tar.gz`,
    modelSha256,
    imageUri: "111122223333.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml:0.1.0",
  };
}

/** A desired release as automation writes it. */
export function releaseOf(digit: string): DesiredRelease {
  return {
    ...modelOf(digit),
    promotedAt: "2026-11-25T10:00:00Z",
    promotedBy: "arn:aws:iam::111122223333:user/ada",
    kept: [],
  };
}
