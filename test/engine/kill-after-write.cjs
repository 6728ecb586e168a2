// Preloaded into a command of the project: kills it, with all it started, once its n-th write to AWS was answered.
const http = require("node:http");

const reads = /^(Get|List|Describe|BatchGet|Decrypt|Verify)/;
const { request } = http;
let left = Number(process.env["KILL_AFTER_WRITE"]);

/**
 * Objects are put and deleted by the method; services of JSON name the operation in a header.
 * @param {import("node:http").ClientRequest} message
 */
function writes(message) {
  const operation = String(message.getHeader("x-amz-target") ?? "")
    .split(".")
    .at(-1);
  return operation ? !reads.test(operation) : message.method === "PUT" || message.method === "DELETE";
}

// The engine's language host is Node.js, too, and has these variables.
if (/peregrine\.cjs$/.test(process.argv[1] ?? ""))
  http.request = (/** @type {unknown[]} */ ...given) => {
    const message = /** @type {(...given: unknown[]) => import("node:http").ClientRequest} */ (request)(...given);
    message.once("response", () => {
      if (!writes(message)) return;
      left -= 1;
      if (left === 0) process.kill(0, "SIGKILL");
    });
    return message;
  };
