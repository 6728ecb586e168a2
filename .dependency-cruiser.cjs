/**
 * The import law (docs/architecture.md): which folder may import which. A folder that is not named in a rule's `pathNot`
 * is closed to it. Packages from npm are free; `no-orphans` and `no-circular` keep dead code and knots out.
 */
const ours = ["infra", "policies", "lifecycle", "functions", "automation", "records", "insight", "aws", "local", "scripts", "test"];
const mayImport = {
  infra: ["lifecycle"],
  policies: ["lifecycle/pricing", "lifecycle/hosts"],
  lifecycle: [],
  functions: ["lifecycle", "aws", "records"],
  automation: ["lifecycle", "aws", "records"],
  records: ["lifecycle", "aws"],
  insight: ["lifecycle", "records", "aws"],
  aws: [],
  local: [],
};

/** A part of a folder, such as `lifecycle/pricing`, may be allowed where the whole is not. */
function part(allowed) {
  const parts = allowed.filter((folder) => folder.includes("/"));
  return parts.length > 0 ? { pathNot: `^(${parts.join("|")})/` } : {};
}

module.exports = {
  forbidden: [
    ...Object.entries(mayImport).map(([from, allowed]) => ({
      name: `${from}-imports-only-${allowed.join("-and-").replaceAll("/", "-") || "itself"}`,
      severity: "error",
      from: { path: `^${from}/` },
      to: { path: `^(${ours.filter((folder) => folder !== from && !allowed.includes(folder)).join("|")})/`, ...part(allowed) },
    })),
    { name: "no-circular", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
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
