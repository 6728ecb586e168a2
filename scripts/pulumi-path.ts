import { delimiter } from "node:path";
import { UserError } from "../automation/errors";
import * as setup from "./setup/modules.cjs";

/**
 * The Pulumi CLI that set-up found or brought, and the folders that PATH needs for it.
 * @returns undefined before set-up.
 */
export async function pulumiCli(): Promise<{ executable: string; folders: string[] } | undefined> {
  const executable = await setup.pulumiCli();
  return executable ? { executable, folders: await setup.pulumiPath() } : undefined;
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
export function setupCache(): Promise<string> {
  return setup.cacheDir();
}
