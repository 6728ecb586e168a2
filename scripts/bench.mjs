// npm run bench: measures what the project promises, each figure beside its yardstick in the same run; writes
// bench/results.json and docs/performance.md. Options go to the bench.
import { entry } from "./setup/index.mjs";
import { runProgram } from "./setup/program.mjs";

await entry(() => runProgram("bench/main.ts", process.argv.slice(2)));
