// The set-up's modules for programs in CommonJS. They are plain ECMAScript, since they run before any package is
// installed, and CommonJS reaches those by `import()` alone, which scripts/register.cjs makes a `require` of in
// TypeScript.
exports.pulumiCli = async () => (await import("./pulumi-cli.mjs")).pulumiCli();
exports.pulumiPath = async () => (await import("./language-host.mjs")).pulumiPath();
exports.cacheDir = async () => (await import("./places.mjs")).cacheDir();
exports.imageEnvironment = async () => (await import("./image-environment.mjs")).imageEnvironment();
