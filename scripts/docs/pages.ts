import { oneSentenceALine } from "./sentences";
import { configurationPage } from "./configuration";
import { costPage } from "./cost";
import { governancePage } from "./governance";
import { localCloudPage } from "./local-cloud";
import { policiesPage } from "./policies";
import { projectFile } from "./project-file";
import { stackFileSchema } from "./stack-file-schema";

/** Pages, and files that repeat declarations, made from code, by file; a test keeps them current. */
export function generatedPages(): Record<string, string> {
  const pages = {
    "docs/configuration.md": configurationPage(),
    "docs/policies.md": policiesPage(),
    "docs/governance.md": governancePage(),
    "docs/cost.md": costPage(),
    "docs/local-cloud.md": localCloudPage(),
    "docs/stack-file.schema.json": stackFileSchema(),
    "Pulumi.yaml": projectFile(),
  };
  const written = ([file, text]: [string, string]) => [file, file.endsWith(".md") ? oneSentenceALine(text) : text];
  return Object.fromEntries(Object.entries(pages).map(written)) as Record<string, string>;
}
