// A serving container that does nothing: what is left of a request's time is the way to it. `SAGEMAKER_BIND_TO_PORT` as
// SageMaker sets it.
import { createServer } from "node:http";

const port = Number(process.env.SAGEMAKER_BIND_TO_PORT ?? process.argv.at(-1) ?? 8080);
createServer((request, response) => {
  request.resume();
  request.on("end", () => response.setHeader("content-type", "application/json").end("{}"));
}).listen(port, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
