import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

const dist = join(__dirname, "..", "..", "functions", "dist");

/** The code of a function, as Lambda takes it. */
export interface HandlerBundle {
  readonly code: pulumi.asset.FileArchive;
  /**
   * Digest of the archive in base64, as Lambda computes it. The provider compares it with what Lambda runs: so whatever
   * else somebody has put there is replaced (the provider compares no code without it).
   */
  readonly codeSha256: string;
}

/** The built bundle of a handler. @throws RunError when it was not built. */
export function handlerBundle(name: string): HandlerBundle {
  const file = join(dist, name, "code.zip");
  if (!existsSync(file))
    throw new pulumi.RunError(
      `The handler ${name} is not built (functions/dist/${name}/code.zip is missing). Build it: npm run build`,
    );
  return {
    code: new pulumi.asset.FileArchive(file),
    codeSha256: createHash("sha256").update(readFileSync(file)).digest("base64"),
  };
}
