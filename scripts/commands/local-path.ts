import { dirname } from "node:path";
import { writePulumiShim } from "../setup/pulumi-shim";
import { projectDir } from "../project";

/** What is used of scripts/setup, which is plain ECMAScript: it runs before any package is installed. */
interface Setup {
  pulumiCli(): Promise<string | undefined>;
  pulumiPath(): Promise<string[]>;
}

/**
 * Folders that PATH begins with in a shell that is led to the local cloud: the Pulumi CLI that set-up brought, behind a small
 * script that keeps the tracked stack settings clean. @returns none before set-up has run.
 */
export async function pulumiFolders(stateDir: string): Promise<string[]> {
  const { pulumiCli } = await importModule<Pick<Setup, "pulumiCli">>("pulumi-cli.mjs");
  const { pulumiPath } = await importModule<Pick<Setup, "pulumiPath">>("language-host.mjs");
  const pulumi = await pulumiCli();
  if (!pulumi) return [];
  const shim = writePulumiShim({ projectDir, stateDir, pulumi });
  return [shim, ...(await pulumiPath()).filter((folder) => folder !== dirname(shim))];
}

/** CommonJS loads an ECMAScript module only by a dynamic import that no compiler turns into `require`. */
function importModule<T>(file: string): Promise<T> {
  return (new Function("file", "return import(file)") as (file: string) => Promise<T>)(`${projectDir}/scripts/setup/${file}`);
}
