// Vega is made of modules that wait while they load, which `require` cannot: this is Node's own `import()`, which the
// TypeScript loader would replace.
exports.loadVega = async () => {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  return { vega, vegaLite };
};
