import { configurationPage } from "./configuration";
import { costPage } from "./cost";
import { governancePage } from "./governance";
import { localCloudPage } from "./local-cloud";
import { policiesPage } from "./policies";
import { oneSentenceALine } from "./sentences";

/** Pages that are made from code, by file; a test keeps them current. */
export function generatedPages(): Record<string, string> {
  const pages = {
    "docs/configuration.md": configurationPage(),
    "docs/policies.md": policiesPage(),
    "docs/governance.md": governancePage(),
    "docs/cost.md": costPage(),
    "docs/local-cloud.md": localCloudPage(),
  };
  return Object.fromEntries(Object.entries(pages).map(([file, text]) => [file, oneSentenceALine(text)]));
}
