// Usage: node scripts/delivery/profiles.mjs <environments> Stacks name an AWS profile (aws:profile), and so may the
// URLs of their secrets providers and of the backend (profile=...); a build has none, only its role. Writes each
// profile that is named into the build's own ~/.aws/config, with the role's credentials behind it. A profile that the
// image brought stays as it is.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const here = dirname(fileURLToPath(import.meta.url));
const file = process.env.AWS_CONFIG_FILE || join(homedir(), ".aws", "config");

for (const environment of new Set((process.argv[2] ?? "").split(",").filter(Boolean))) {
  const { config = {}, secretsprovider } = parse(
    readFileSync(join(here, "..", "..", `Pulumi.${environment}.yaml`), "utf8"),
  );
  const region = config["aws:region"];
  for (const profile of [
    config["aws:profile"],
    ...[secretsprovider, process.env.PULUMI_BACKEND_URL, process.env.RELEASE_BACKEND_URL].map(profileIn),
  ])
    write(profile, region);
}

/**
 * @param {string | undefined} url
 * @returns the profile that a URL names (`s3://bucket?region=eu-central-1&awssdk=v2&profile=ab`).
 */
function profileIn(url) {
  return new URLSearchParams(/\?(.*)$/.exec(url ?? "")?.[1] ?? "").get("profile");
}

/** @param {string | null | undefined} profile @param {string | undefined} region */
function write(profile, region) {
  if (!profile || (existsSync(file) && readFileSync(file, "utf8").includes(`[profile ${profile}]`))) return;
  mkdirSync(dirname(file), { recursive: true });
  const command = [process.execPath, join(here, "credentials.mjs")].map((part) => `"${part}"`).join(" ");
  appendFileSync(
    file,
    `[profile ${profile}]\ncredential_process = ${command}\n${region ? `region = ${region}\n` : ""}`,
  );
  console.log(`profile ${profile} is the role of this build`);
}
