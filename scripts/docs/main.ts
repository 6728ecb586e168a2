import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../project";
import { generatedPages } from "./pages";

for (const [file, text] of Object.entries(generatedPages())) {
  writeFileSync(join(projectDir, file), text);
  console.log(`wrote ${file}`);
}
