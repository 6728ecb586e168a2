#!/usr/bin/env node
// Entry point of the command line: TypeScript without a build step, then scripts/cli.ts.
require("ts-node").register({ transpileOnly: true, cwd: __dirname });
require("./cli").main(process.argv);
