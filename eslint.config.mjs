import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["**/dist/**", "node_modules/**", ".venv/**", ".peregrine/**", "ml/**"] },
  ...tseslint.configs.recommended,
  {
    // Rules that need types are oxlint's (.oxlintrc.json): so this is quick, and what it keeps of the last run stays
    // true.
    rules: {
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "none" },
      ],
      "@typescript-eslint/no-require-imports": "off",
      eqeqeq: ["error", "smart"],
      "no-console": "error",
    },
  },
  {
    // A product that knows where it runs cannot be rehearsed: only `local/`, `scripts/` and `test/` may name the local
    // cloud.
    files: [
      "contract/**",
      "infra/**",
      "policies/**",
      "lifecycle/**",
      "pricing/**",
      "functions/**",
      "automation/**",
      "records/**",
      "insight/**",
      "aws/**",
    ],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "Literal[value=/local cloud|\\bmoto\\b|AWS_ENDPOINT_URL|endpoint_url|127\\.0\\.0\\.1|localhost/i]",
          message: "Product code must not know the local cloud.",
        },
      ],
    },
  },
  {
    files: ["test/**"],
    rules: {
      // An assertion inside apply cannot fail a test: await `value(output)` of test/support/outputs.ts.
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.property.name='apply'][callee.object.type!='ThisExpression']",
          message: "Await value(output) instead of apply.",
        },
      ],
      // Tests are written in one way: mocha's globals, and assertions that never convert.
      "no-restricted-imports": [
        "error",
        {
          paths: [
            { name: "node:assert", message: 'Write: import assert from "node:assert/strict";' },
            { name: "assert", message: 'Write: import assert from "node:assert/strict";' },
            { name: "mocha", message: "describe, it, before and after are global." },
            { name: "node:test", message: "Tests run in mocha." },
          ],
        },
      ],
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unused-expressions": "off",
    },
  },
  {
    // What is printed here is the program's output: commands, and containers and functions on the local cloud.
    files: ["scripts/**", "local/services/lambda/bootstrap.cjs", "test/**/images/*.cjs"],
    rules: { "no-console": "off" },
  },
);
