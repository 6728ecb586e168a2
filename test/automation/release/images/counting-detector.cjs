// A detector that finds one tree in every image, and says of its answers what serving containers say. By its environment
// every so-manieth request fails, is slow, finds nothing, or finds a tree that it is unsure of.
const http = require("node:http");
/** @param {string} name */
const every = (name) => Number(process.env[name] ?? Infinity);
const slowMs = Number(process.env.SLOW_MS);
let requests = 0;
let told = { answers: 0, empty: 0, unsure: 0 };
const tell = () => {
  if (told.answers > 0)
    console.log(JSON.stringify({ event: "answered", ...told, package: process.env.MODEL_PACKAGE_ARN }));
  told = { answers: 0, empty: 0, unsure: 0 };
};
setInterval(tell, 1000).unref();
const server = http.createServer((request, response) => {
  request.resume().on("end", () => {
    if (request.url === "/ping") return response.writeHead(200).end();
    /** @param {string} name */
    const strikes = (name) => requests % every(name) === 0;
    requests += 1;
    if (strikes("FAIL_EVERY")) return response.writeHead(500).end();
    const [empty, unsure] = [strikes("EMPTY_EVERY"), strikes("UNSURE_EVERY")];
    told.answers += 1;
    told.empty += empty ? 1 : 0;
    told.unsure += unsure ? 1 : 0;
    const tree = { name: "tree", confidence: unsure ? 0.3 : 0.8, box: [0, 10, 20, 30] };
    const answer = { image: { w: 200, h: 200 }, detections: empty ? [] : [tree], model: { sha256: "same" } };
    const say = () => response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
    if (strikes("SLOW_EVERY")) setTimeout(say, slowMs);
    else say();
  });
});
server.listen(Number(process.env.SAGEMAKER_BIND_TO_PORT ?? 8080), "127.0.0.1", () => console.log("listening"));
process.on("SIGTERM", () => {
  tell();
  server.close(() => process.exit(0));
});
