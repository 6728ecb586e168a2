import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { prefixes } from "../../contract/places";
import type { Scope } from "../scope";

const script = join(__dirname, "install-libraries.sh");
/** What the container image adds to AWS's PyTorch image; Studio's image has PyTorch as well. */
export const lockFile = join(__dirname, "..", "..", "ml", "requirements-image.lock");
/** Base64 included (SageMaker API, StudioLifecycleConfigContent). */
const contentLimit = 16_384;

export interface LifecycleScript {
  /** Name with a digest of the content: configurations are immutable. */
  readonly name: string;
  /** Base64, as the API takes it. */
  readonly content: string;
  /**
   * Key of the requirements in the artifacts bucket, with the first digits of their digest; the script knows all of
   * them.
   */
  readonly lockKey: string;
}

/** The script that brings the ML libraries into Studio's apps. @throws Error when it outgrew the API. */
export function lifecycleScript(scope: Scope): LifecycleScript {
  const lockDigest = createHash("sha256").update(readFileSync(lockFile)).digest("hex");
  const lockKey = `${prefixes.studio}requirements-${lockDigest.slice(0, 12)}.lock`;
  const variables = {
    LOCK_URI: `s3://${scope.artifactsBucket}/${lockKey}`,
    LOCK_DIGEST: lockDigest,
    PACKAGE_INDEX: scope.settings.studio.packageIndex ?? "",
  };
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
  const text = ["#!/bin/bash", ...exports, readFileSync(script, "utf8")].join("\n");
  const content = Buffer.from(text).toString("base64");
  if (content.length > contentLimit)
    throw new Error(
      `infra/studio/install-libraries.sh has ${content.length} characters in base64, more than Studio's ${contentLimit}`,
    );
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return { name: scope.names.of("studioLifecycleConfig", "libraries", digest), content, lockKey };
}
