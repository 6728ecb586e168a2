import { dirname } from "node:path";
import { projectDir } from "../project";
import { pulumiCli } from "../pulumi-path";
import { writePulumiShim } from "../setup/pulumi-shim";

/**
 * Folders that PATH begins with in a shell that is led to the local cloud: the Pulumi CLI that set-up brought, behind a small
 * script that keeps the tracked stack settings clean. @returns none before set-up has run.
 */
export async function pulumiFolders(stateDir: string): Promise<string[]> {
  const cli = await pulumiCli();
  if (!cli) return [];
  const shim = writePulumiShim({ projectDir, stateDir, pulumi: cli.executable });
  return [shim, ...cli.folders.filter((folder) => folder !== dirname(shim))];
}
