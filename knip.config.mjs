/**
 * What nobody uses. `knip` asks it of everything, tests included; `knip --production` starts from the product's own
 * entry points (`!`) and so finds what only tests use (`@internal` at such an export says which test, and why).
 */
const production = process.argv.includes("--production");

export default {
  entry: [
    "infra/index.ts!",
    "policies/index.ts!",
    "functions/*.ts!",
    "scripts/*.{mjs,cjs}!",
    // Started by name: by npm scripts, by set-up, in a build, in a process of their own.
    "scripts/{bench,docs,rehearsal,rights,toolchain/language-host}/main.ts!",
    "scripts/{prices,untaggable-types}.ts!",
    "scripts/bench/{echo-container.mjs,verify-log.ts}!",
    "scripts/delivery/*.mjs!",
    "scripts/setup/pulumi-shim.ts!",
    "local/person-session.cjs!",
    "local/services/lambda/bootstrap.cjs!",
    // `npm run test:truth` compares and brings: nothing else asks for these.
    "scripts/rights/statements.ts!",
    "scripts/setup/image-environment.mjs!",
    "scripts/setup/modules.cjs!",
    "test/**/*.spec.ts",
    // Containers, programs and policy packs that tests run.
    "test/**/images/*.cjs",
    "test/engine/pairs/**/index.{ts,cjs}",
    "test/engine/kill-after-write.cjs",
  ],
  project: ["**/*.{ts,tsx,mjs,cjs}!", "!test/**!"],
  // What a test asks one by one is exported for it and is no dead code, as long as its own file uses it.
  ignoreExportsUsedInFile: production || { interface: true, type: true },
  // Programs of the machine.
  ignoreBinaries: ["unshare", "setpriv", "terraform"],
};
