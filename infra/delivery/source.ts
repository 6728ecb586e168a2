import { existsSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

const archive = join(__dirname, "..", "..", "dist", "source.zip");

/** The committed project as an archive; the same bytes for the same commit. @throws RunError when it was not made. */
export function releaseSource(): pulumi.asset.FileAsset {
  if (!existsSync(archive))
    throw new pulumi.RunError(
      'The source of release builds is not made (dist/source.zip is missing). Make it in a Git checkout: npm run build. Or leave releases to people: pulumi config set releaseTargets ""',
    );
  return new pulumi.asset.FileAsset(archive);
}
