/* eslint-disable @typescript-eslint/ban-ts-comment */
// @ts-nocheck: `_load` of Module has no types.
/**
 * Loads what Pulumi's packages need seldom when it is first touched. `@pulumi/pulumi` begins with the TypeScript
 * compiler and a package manager, with which it would serialize functions to run elsewhere, and a program with the
 * Automation API and OpenTelemetry; `@pulumi/aws` with all two hundred services of AWS. Nothing here serializes
 * functions, and a program uses thirty services: together they are a third of what a preview costs the processor.
 */
const Module = require("node:module");

/** By the end of the file that requires, with slashes: what it gets late. */
const late = [
  ["/@pulumi/pulumi/typescript-shim.js", /^typescript$/],
  ["/@pulumi/pulumi/runtime/closure/codePaths.js", /^@npmcli\/arborist$/],
  ["/@pulumi/pulumi/index.js", /^\.\/automation$/],
  ["/@pulumi/pulumi/cmd/run/tracing.js", /^@opentelemetry\/(?!api$)/],
  ["/@pulumi/aws/index.js", /^\.\/(?!utilities$|provider$)\w+$/],
];

const load = Module._load;
Module._load = function (request, parent, ...rest) {
  const real = () => load.call(this, request, parent, ...rest);
  return isLate(request, parent?.filename?.replaceAll("\\", "/")) ? lateModule(real) : real();
};

function isLate(request, file) {
  return file !== undefined && late.some(([end, requests]) => file.endsWith(end) && requests.test(request));
}

/** What stands for the exports of a module until somebody looks at them. */
function lateModule(real) {
  let loaded;
  const exports = () => (loaded ??= real());
  return new Proxy(
    {},
    {
      // Asked by what compilers make of `import`: with this answer they keep the object and copy nothing.
      get: (_, key) => key === "__esModule" || exports()[key],
      has: (_, key) => key in exports(),
      ownKeys: () => Reflect.ownKeys(exports()),
      getOwnPropertyDescriptor(_, key) {
        const found = Reflect.getOwnPropertyDescriptor(exports(), key);
        // A proxy may not call fixed what its own target has not.
        return found && { ...found, configurable: true };
      },
    },
  );
}
