// npm start: brings what is missing, then rehearses a model's whole life on the local cloud. Options go to the
// rehearsal.
import { entry } from "./setup/index.mjs";
import { runProgram } from "./setup/program.mjs";

await entry(() => runProgram("rehearsal/main.ts", process.argv.slice(2)));
