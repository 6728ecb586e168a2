// A detector that finds the same four trees in every image, and names its model as it is told to.
const http = require("node:http");
const detections = [0, 40, 80, 120].map((x) => ({ name: "tree", confidence: 0.8, box: [x, 10, x + 20, 30] }));
const answer = JSON.stringify({ image: { w: 200, h: 200 }, detections, model: { sha256: process.env.MODEL } });
const server = http.createServer((request, response) => {
  request
    .resume()
    .on("end", () =>
      request.url === "/ping"
        ? response.writeHead(200).end()
        : response.writeHead(200, { "Content-Type": "application/json" }).end(answer),
    );
});
server.listen(Number(process.env.SAGEMAKER_BIND_TO_PORT ?? 8080), "127.0.0.1", () => console.log("listening"));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
