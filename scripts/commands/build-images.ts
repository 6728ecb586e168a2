import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Images } from "../../local/runner/images";
import { projectDir } from "../../automation/project-dir";
import { pulumiCli, setupCache } from "../pulumi-path";

/** CodeBuild's managed Linux images (User Guide, "Docker images provided by CodeBuild"). */
const managedImages = [
  "aws/codebuild/standard",
  "aws/codebuild/amazonlinux-x86_64-standard",
  "aws/codebuild/amazonlinux2-x86_64-standard",
  "aws/codebuild/amazonlinux-aarch64-standard",
  "aws/codebuild/amazonlinux2-aarch64-standard",
];

/** How this machine reaches the network; a build image on AWS reaches it as it is. */
const networkSettings = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "http_proxy",
  "https_proxy",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
];

/**
 * What stands for CodeBuild's managed images: an environment whose PATH begins with the tools that set-up brought (this
 * Node with npm, the Pulumi CLI with its language host, the AWS CLI), then the system's with Git, and nothing of the
 * user's own settings for AWS or Pulumi: the home folder is the build's own and empty. Before set-up a build has no
 * Pulumi.
 * @param stateDir folder of the local cloud.
 * @param own what the account's operator wrote into the images, above all where stacks keep their state.
 */
export async function buildImages(stateDir: string, own: Readonly<Record<string, string>> = {}): Promise<Images> {
  const pulumi = await pulumiCli();
  const folders = [
    toolFolder(stateDir),
    ...(pulumi?.folders ?? []),
    dirname(process.execPath),
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
    "/usr/sbin",
    "/sbin",
    ...foldersOf("git"),
  ];
  const env = {
    PATH: [...new Set(folders)].join(delimiter),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PEREGRINE_CACHE: await setupCache(),
    ...npmSettings(),
    ...network(),
    ...own,
  };
  return Object.fromEntries(
    managedImages.map((repository) => [repository, { entrypoint: ["sh"], env, pulumi: pulumi !== undefined }]),
  );
}

/** A folder with the AWS CLI of the Python environment, without the rest of that environment. */
function toolFolder(stateDir: string): string {
  const folder = join(stateDir, "build-tools");
  const own = join(projectDir, ".venv", "bin", "aws");
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, "aws"), { force: true });
  if (existsSync(own)) symlinkSync(own, join(folder, "aws"));
  return folder;
}

/** Folders of the user's PATH that hold a program, for systems that keep it elsewhere (Homebrew, Nix). */
function foldersOf(program: string): string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder && existsSync(join(folder, program)));
}

/** npm's cache saves downloads; its user settings say which registry this machine may ask. */
function npmSettings(): Record<string, string> {
  const settings = process.env["npm_config_userconfig"] ?? join(homedir(), ".npmrc");
  return {
    npm_config_cache: process.env["npm_config_cache"] ?? join(homedir(), ".npm"),
    ...(existsSync(settings) ? { npm_config_userconfig: settings } : {}),
  };
}

function network(): Record<string, string> {
  const given = networkSettings.flatMap((name) => (process.env[name] ? [[name, process.env[name]] as const] : []));
  const proxied = given.some(([name]) => /proxy/i.test(name));
  const direct = [process.env["NO_PROXY"] ?? process.env["no_proxy"], "127.0.0.1", "localhost"]
    .filter(Boolean)
    .join(",");
  return { ...Object.fromEntries(given), ...(proxied ? { NO_PROXY: direct, no_proxy: direct } : {}) };
}
