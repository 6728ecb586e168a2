// A container image for tests. `train` writes a model, `serve` answers /ping and /invocations, `process` copies input
// to output.
const fs = require("node:fs");
const http = require("node:http");
const root = process.env.SM_ROOT ?? "/opt/ml";
const [verb] = process.argv.slice(2);

if (verb === "train") {
  const parameters = JSON.parse(fs.readFileSync(`${root}/input/config/hyperparameters.json`, "utf8"));
  const channels = JSON.parse(fs.readFileSync(`${root}/input/config/inputdataconfig.json`, "utf8"));
  const earlier = fs.existsSync(`${root}/checkpoints/epoch`)
    ? Number(fs.readFileSync(`${root}/checkpoints/epoch`, "utf8"))
    : 0;
  console.log(
    `starting at epoch ${earlier}; job ${process.env.TRAINING_JOB_NAME}; profile ${process.env.AWS_PROFILE ?? "none"}`,
  );
  if (parameters.fail) {
    fs.writeFileSync(`${root}/output/failure`, parameters.fail);
    process.exit(3);
  }
  const files = Object.keys(channels).flatMap((channel) =>
    fs.readdirSync(`${root}/input/data/${channel}`, { recursive: true }).map(String),
  );
  fs.writeFileSync(`${root}/checkpoints/epoch`, String(earlier + 1));
  const finish = () => {
    fs.writeFileSync(
      `${root}/model/model.json`,
      JSON.stringify({ files: files.sort(), parameters, key: process.env.AWS_ACCESS_KEY_ID }),
    );
    if (parameters.report) fs.writeFileSync(`${root}/output/data/report.txt`, parameters.report);
    console.log("map50=0.25;\nmap50=0.75;");
  };
  if (parameters.wait) {
    process.on("SIGTERM", () => (finish(), process.exit(0)));
    setTimeout(() => (finish(), process.exit(0)), Number(parameters.wait));
  } else finish();
} else if (verb === "serve") {
  const model = fs.existsSync(`${root}/model/model.json`)
    ? JSON.parse(fs.readFileSync(`${root}/model/model.json`, "utf8"))
    : {};
  if (process.env.TOY === "crash") process.exit(1);
  const pause = Number(process.env.TOY_PAUSE ?? 0);
  const server = http.createServer((request, response) => {
    if (request.url === "/ping") return response.writeHead(process.env.TOY === "sick" ? 503 : 200).end();
    /** @type {Buffer[]} */
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      if (body === "die") process.exit(9);
      const code = /^fail (\d+)/.exec(body);
      const answer = () => {
        if (code) return response.writeHead(Number(code[1])).end(`cannot: ${body}`);
        const headers = {
          "Content-Type": "application/json",
          "X-Amzn-SageMaker-Custom-Attributes": request.headers["x-amzn-sagemaker-custom-attributes"] ?? "",
        };
        response.writeHead(200, headers).end(
          JSON.stringify({
            model: model.name,
            pid: process.pid,
            type: request.headers["content-type"],
            size: body.length,
            detections: [{ class: 0, confidence: 0.5, box: [1, 2, 3, 4] }],
          }),
        );
      };
      pause ? setTimeout(answer, pause) : answer();
    });
  });
  server.keepAliveTimeout = Number(process.env.TOY_KEEP_ALIVE ?? 5000);
  server.listen(Number(process.env.SAGEMAKER_BIND_TO_PORT ?? 8080), "127.0.0.1", () =>
    console.log(["listening", ...process.execArgv].join(" ")),
  );
  process.on("SIGTERM", () => server.close(() => process.exit(0)));
} else {
  const place = `${root}/processing`;
  console.log(`arguments: ${process.argv.slice(2).join(" ")}`);
  if (verb === "break") {
    fs.writeFileSync(`${root}/output/message`, "the input is broken");
    process.exit(4);
  }
  const config = JSON.parse(fs.readFileSync(`${root}/config/processingjobconfig.json`, "utf8"));
  for (const file of fs.readdirSync(`${place}/input`, { recursive: true }).map(String)) {
    if (fs.statSync(`${place}/input/${file}`).isFile())
      fs.copyFileSync(`${place}/input/${file}`, `${place}/output/${file.replaceAll("/", "_")}`);
  }
  fs.writeFileSync(`${place}/output/job.txt`, config.ProcessingJobName);
  fs.writeFileSync(`${root}/output/message`, "copied");
}
