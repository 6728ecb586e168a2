#!/usr/bin/env node
// Entry point of the command line: TypeScript without a build step, then scripts/cli.ts.
// The SDK warns of Node 20's end at every start; docs/dependencies.md says why Node 20 still runs it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
require("./register.cjs");
void require("./cli").main(process.argv);
