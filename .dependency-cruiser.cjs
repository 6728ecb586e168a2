/**
 * The import law (docs/architecture.md): which folder may import which. A folder that is not named in a rule's
 * `pathNot` is closed to it. Packages from npm are free; `no-orphans` and `no-circular` keep dead code and knots out.
 */
const ours = [
  "contract",
  "infra",
  "policies",
  "lifecycle",
  "pricing",
  "functions",
  "automation",
  "records",
  "insight",
  "aws",
  "local",
  "scripts",
  "test",
];
/** @type {Record<string, string[]>} */
const mayImport = {
  contract: [],
  infra: ["contract"],
  policies: ["contract", "pricing"],
  lifecycle: ["contract"],
  pricing: ["contract"],
  functions: ["contract", "lifecycle", "pricing", "aws", "records", "insight"],
  automation: ["contract", "infra", "lifecycle", "pricing", "aws", "records"],
  records: ["contract", "lifecycle", "aws"],
  insight: ["contract", "lifecycle", "pricing", "records", "aws"],
  aws: [],
  local: [],
};

module.exports = {
  forbidden: [
    ...Object.entries(mayImport).map(([from, allowed]) => ({
      name: `${from}-imports-only-${allowed.join("-and-") || "itself"}`,
      severity: "error",
      from: { path: `^${from}/` },
      to: { path: `^(${ours.filter((folder) => folder !== from && !allowed.includes(folder)).join("|")})/` },
    })),
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, path: `^(${Object.keys(mayImport).join("|")})/`, pathNot: ["\\.d\\.c?ts$", "/dist/"] },
      to: {},
    },
    { name: "tests-are-not-imported", severity: "error", from: { pathNot: "^test/" }, to: { path: "^test/" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(node_modules|dist|\\.venv)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
