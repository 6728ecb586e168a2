import { existsSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { projectDir } from "../project";
import { pulumiCli } from "../pulumi-path";
import { writePulumiShim } from "../setup/pulumi-shim";

/**
 * Folders that PATH begins with in a shell that is led to the local cloud: the Pulumi CLI that set-up brought, behind a
 * small script that keeps the tracked stack settings clean, and the AWS CLI where the user has none.
 * @returns none before set-up has run.
 */
export async function pulumiFolders(stateDir: string): Promise<string[]> {
  const cli = await pulumiCli();
  if (!cli) return [];
  const shim = writePulumiShim({ projectDir, stateDir, pulumi: cli.executable });
  offerAwsCli(shim);
  return [shim, ...cli.folders.filter((folder) => folder !== dirname(shim))];
}

/**
 * The one of the Python environment: a user's own AWS CLI goes first, and the rest of the environment stays off the
 * user's PATH.
 */
function offerAwsCli(folder: string): void {
  const [own, link] = [join(projectDir, ".venv", "bin", "aws"), join(folder, "aws")];
  const found = (process.env["PATH"] ?? "").split(delimiter).some((entry) => entry && existsSync(join(entry, "aws")));
  if (found || !existsSync(own)) return;
  rmSync(link, { force: true });
  symlinkSync(own, link);
}
