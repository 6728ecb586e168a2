// A serving container for tests: answers by the serving contract, with the name of its model as the digest.
const fs = require("node:fs");
const http = require("node:http");
const root = process.env.SM_ROOT ?? "/opt/ml";
const { name } = JSON.parse(fs.readFileSync(`${root}/model/model.json`, "utf8"));
const answer = {
  image: { w: 64, h: 64 },
  detections: [{ name: "tree", confidence: 0.5, box: [1, 2, 30, 40] }],
  model: { sha256: name },
};
const server = http.createServer((request, response) => {
  if (request.url === "/ping") return response.writeHead(200).end();
  /** @type {Buffer[]} */
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    if (Buffer.concat(chunks).toString("latin1").startsWith("no image"))
      return response.writeHead(400, { "content-type": "text/plain" }).end("no image");
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
});
server.listen(Number(process.env.SAGEMAKER_BIND_TO_PORT ?? 8080), "127.0.0.1");
process.on("SIGTERM", () => server.close(() => process.exit(0)));
