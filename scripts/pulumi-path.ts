import { delimiter } from "node:path";
import { UserError } from "../automation/errors";
import { projectDir } from "../automation/project-dir";

/** What is used of scripts/setup, which is plain ECMAScript: it runs before any package is installed. */
interface Setup {
  pulumiCli(): Promise<string | undefined>;
  pulumiPath(): Promise<string[]>;
  cacheDir(): string;
}

/** The Pulumi CLI that set-up found or brought, and the folders that PATH needs for it. @returns undefined before set-up. */
export async function pulumiCli(): Promise<{ executable: string; folders: string[] } | undefined> {
  const [{ pulumiCli: find }, { pulumiPath }] = (await Promise.all([
    importSetup("pulumi-cli.mjs"),
    importSetup("language-host.mjs"),
  ])) as unknown as [Setup, Setup];
  const executable = await find();
  return executable ? { executable, folders: await pulumiPath() } : undefined;
}

/** Puts the Pulumi CLI on this process's PATH. @throws UserError when set-up never ran. */
export async function providePulumi(): Promise<void> {
  const cli = await pulumiCli();
  if (!cli)
    throw new UserError(
      "The Pulumi CLI is not installed.",
      "Run `npm start` or `npm test` once: its set-up finds, downloads or builds it.",
    );
  const path = (process.env["PATH"] ?? "").split(delimiter);
  process.env["PATH"] = [...path, ...cli.folders.filter((folder) => !path.includes(folder))].join(delimiter);
}

/** The folder of the user's cache that set-up keeps its tools in. */
export async function setupCache(): Promise<string> {
  return ((await importSetup("places.mjs")) as Setup).cacheDir();
}

/** CommonJS loads an ECMAScript module only by a dynamic import that no compiler turns into `require`. */
function importSetup(file: string): Promise<unknown> {
  return (new Function("file", "return import(file)") as (file: string) => Promise<unknown>)(
    `${projectDir}/scripts/setup/${file}`,
  );
}
