import { Scope } from "../../infra/scope";
import { type Settings, validate } from "../../infra/settings/settings";
import type { DesiredRelease } from "../../contract/desired-release";
import { stackConfig } from "./program";

export const accountId = "123456789012";

/** A stack's settings, with some configuration values changed. */
export function settingsOf(stack: string, changes: Readonly<Record<string, string>> = {}): Settings {
  const { settings, problems } = validate(stack, { ...stackConfig(stack), ...changes });
  if (!settings) throw new Error(JSON.stringify(problems));
  return settings;
}

export function scopeOf(stack: string, changes: Readonly<Record<string, string>> = {}): Scope {
  return new Scope(settingsOf(stack, changes), { accountId, partition: "aws" });
}

/** A desired release as automation writes it; `digit` makes it a different model. */
export function releaseOf(digit = "a"): DesiredRelease {
  const modelSha256 = digit.repeat(64);
  return {
    modelPackageArn: `arn:aws:sagemaker:eu-central-1:${accountId}:model-package/peregrine-dev-detector/1`,
    modelDataUrl: `s3://peregrine-prod-artifacts-${accountId}/releases/${modelSha256}/model.tar.gz`,
    modelSha256,
    imageUri: `${accountId}.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml:0.1.0`,
    promotedAt: "2026-11-25T10:00:00Z",
    promotedBy: `arn:aws:iam::${accountId}:user/ada`,
    kept: [],
  };
}
