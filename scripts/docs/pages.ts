import { configurationPage } from "./configuration";
import { governancePage } from "./governance";
import { localCloudPage } from "./local-cloud";
import { policiesPage } from "./policies";

/** Pages that are made from code, by file; a test keeps them current. */
export function generatedPages(): Record<string, string> {
  return { "docs/configuration.md": configurationPage(), "docs/policies.md": policiesPage(), "docs/local-cloud.md": localCloudPage(), "docs/governance.md": governancePage() };
}
