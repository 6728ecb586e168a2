"use strict";
/**
 * The Node.js runtime inside a function's process: loads the handler from the bundle, takes events one at a time over
 * IPC, and answers with the result or the error in Lambda's format. Everything the function prints goes over the same
 * channel, so that log lines stay in order with START and END.
 */
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { format } = require("node:util");
const { existsSync } = require("node:fs");

const json = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
let requestId = "";

/**
 * @param {object} message to the local cloud, which started this process with an IPC channel.
 * @returns {Promise<void>} when it is sent.
 */
function send(message) {
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}

/** @param {string} level @param {unknown[]} args */
function line(level, args) {
  const timestamp = new Date().toISOString();
  const text = format(...args);
  const out = json
    ? JSON.stringify({
        timestamp,
        level,
        requestId,
        message: args.length === 1 && typeof args[0] === "object" ? args[0] : text,
      })
    : `${timestamp}\t${requestId}\t${level}\t${text}`;
  void send({ type: "log", text: out });
}

const levels = /** @type {const} */ ({
  log: "INFO",
  info: "INFO",
  debug: "DEBUG",
  warn: "WARN",
  error: "ERROR",
  trace: "TRACE",
});
for (const method of /** @type {(keyof typeof levels)[]} */ (Object.keys(levels)))
  console[method] = (...args) => line(levels[method], args);
for (const stream of [process.stdout, process.stderr]) {
  /** @param {unknown} chunk @param {unknown} [encoding] @param {unknown} [done] */
  stream.write = (chunk, encoding, done) => {
    void send({ type: "log", text: String(chunk).replace(/\n$/, "") });
    const callback = typeof encoding === "function" ? encoding : done;
    if (typeof callback === "function") callback();
    return true;
  };
}

/** @param {unknown} error */
function described(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: String(error.stack ?? "").split("\n") };
}

async function loadHandler() {
  const handler = process.env._HANDLER ?? "";
  const at = handler.lastIndexOf(".");
  const [file, name] = [handler.slice(0, at), handler.slice(at + 1)];
  const base = path.resolve(process.env.LAMBDA_TASK_ROOT ?? "", file);
  const found = ["", ".js", ".cjs", ".mjs"]
    .map((extension) => base + extension)
    .find((candidate) => existsSync(candidate) && path.extname(candidate) !== "");
  if (!found)
    throw Object.assign(new Error(`Error: Cannot find module '${file}'`), { name: "Runtime.ImportModuleError" });
  let module;
  try {
    module = found.endsWith(".mjs") ? await import(pathToFileURL(found).href) : require(found);
  } catch (error) {
    if (error && error.code === "ERR_REQUIRE_ESM") module = await import(pathToFileURL(found).href);
    else if (error && error.code === "MODULE_NOT_FOUND")
      throw Object.assign(new Error(`Error: ${error.message}`), {
        name: "Runtime.ImportModuleError",
        stack: error.stack,
      });
    else if (error instanceof SyntaxError)
      throw Object.assign(new Error(`SyntaxError: ${error.message}`), {
        name: "Runtime.UserCodeSyntaxError",
        stack: error.stack,
      });
    else throw error;
  }
  const loaded = module[name] ?? module.default?.[name];
  if (typeof loaded !== "function")
    throw Object.assign(new Error(`${handler} is undefined or not exported`), { name: "Runtime.HandlerNotFound" });
  return loaded;
}

/**
 * @param {Function} handler
 * @param {unknown} event
 * @param {object} context
 * @returns {Promise<unknown>} what it returns, or hands to its callback.
 */
function invoke(handler, event, context) {
  return new Promise((resolve, reject) => {
    const answer = handler(event, context, (/** @type {unknown} */ error, /** @type {unknown} */ result) =>
      error ? reject(error) : resolve(result),
    );
    if (answer && typeof answer.then === "function") answer.then(resolve, reject);
    else if (handler.length < 3) resolve(answer);
  });
}

const started = Date.now();
const loading = loadHandler().then(
  (handler) => ({ handler, error: undefined, initMs: Date.now() - started }),
  (error) => ({ handler: undefined, error, initMs: Date.now() - started }),
);

/** @param {{ id: string, event: unknown, deadlineMs: number, invokedArn: string }} invocation */
async function answer({ id, event, deadlineMs, invokedArn }) {
  requestId = id;
  const { handler, error, initMs } = await loading;
  if (!handler) {
    await send({ type: "failed", id, error: described(error), initMs, memory: process.memoryUsage().rss });
    return;
  }
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: invokedArn,
    awsRequestId: id,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
  try {
    const result = await invoke(handler, event, context);
    await send({
      type: "done",
      id,
      result: JSON.stringify(result === undefined ? null : result),
      initMs,
      memory: process.memoryUsage().rss,
    });
  } catch (thrown) {
    const failure = described(thrown);
    line("ERROR", ["Invoke Error", JSON.stringify(failure)]);
    await send({ type: "failed", id, error: failure, initMs, memory: process.memoryUsage().rss });
  }
}

process.on("message", (invocation) => void answer(/** @type {Parameters<typeof answer>[0]} */ (invocation)));

process.on("uncaughtException", (error) => {
  line("ERROR", ["Uncaught Exception", JSON.stringify(described(error))]);
  void send({ type: "crashed", error: described(error) }).then(() => process.exit(129));
});
// The local cloud is gone: nobody waits for this function any more.
process.on("disconnect", () => process.exit(0));
