// A monitoring container for tests: counts captured lines by its contract's variables, and says what it was given.
const fs = require("node:fs");
const path = require("node:path");
const root = process.env.SM_ROOT ?? "/opt/ml";
/** @param {string | undefined} place below /opt/ml, wherever that lies. */
const at = (place) => String(place).replace("/opt/ml", root);
const { start_time, dataset_source, output_path, baseline_constraints, sagemaker_endpoint_name } = process.env;
const [limit = "1000"] = process.argv.slice(2);

const files = fs
  .readdirSync(at(dataset_source), { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".jsonl"))
  .sort();
const lines = files.flatMap((file) =>
  fs
    .readFileSync(path.join(at(dataset_source), file), "utf8")
    .trim()
    .split("\n"),
);
const { current_host } = JSON.parse(fs.readFileSync(`${root}/config/resourceconfig.json`, "utf8"));
const variables = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^[a-z_]+$/.test(name) && name !== "_"),
);
const baseline = baseline_constraints ? fs.readFileSync(at(baseline_constraints), "utf8") : undefined;
fs.writeFileSync(
  path.join(at(output_path), current_host === "algo-1" ? "statistics.json" : `statistics-${current_host}.json`),
  JSON.stringify({ files, lines: lines.length, variables, baseline }),
);
fs.mkdirSync(`${root}/output/metrics/cloudwatch`, { recursive: true });
fs.writeFileSync(
  `${root}/output/metrics/cloudwatch/cloudwatch_metrics.jsonl`,
  [
    JSON.stringify({
      MetricName: "lines",
      Timestamp: start_time,
      Dimensions: [{ Name: "Endpoint", Value: sagemaker_endpoint_name }],
      Value: lines.length,
    }),
    "{truncated",
    "",
  ].join("\n"),
);
fs.mkdirSync(`${root}/output`, { recursive: true });
fs.writeFileSync(
  `${root}/output/message`,
  lines.length > Number(limit)
    ? "CompletedWithViolations: Job completed successfully with 1 violations."
    : "Completed: Job completed successfully with no violations.",
);
