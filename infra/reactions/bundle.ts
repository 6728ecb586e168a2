import { existsSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

const dist = join(__dirname, "..", "..", "functions", "dist");

/** The built bundle of a handler, as Lambda takes it. @throws RunError when it was not built. */
export function handlerBundle(name: string): pulumi.asset.AssetArchive {
  const file = join(dist, name, "index.js");
  if (!existsSync(file))
    throw new pulumi.RunError(
      `The handler ${name} is not built (functions/dist/${name}/index.js is missing). Build it: npm run build`,
    );
  return new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.FileAsset(file) });
}
