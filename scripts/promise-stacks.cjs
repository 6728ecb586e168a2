/* eslint-disable @typescript-eslint/ban-ts-comment */
// @ts-nocheck: `_load` of Module has no types.
/**
 * The Pulumi SDK notes a stack with each of its promises, thousands in a program, which costs more than the program
 * itself; with source maps three times as much. It shows them under PULUMI_DEBUG_PROMISE_LEAKS alone, so without that
 * they stay empty.
 */
const Module = require("node:module");

if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
  const load = Module._load;
  Module._load = function (request, parent, ...rest) {
    const exports = load.call(this, request, parent, ...rest);
    if (/(^|\/)debuggable$/.test(request) && exports?.debuggablePromise) leaveOutStacks(exports);
    return exports;
  };
}

function leaveOutStacks(debuggable) {
  const note = debuggable.debuggablePromise;
  if (note.leavesOutStacks) return;
  const noteWithout = (...args) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return note(...args);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
  debuggable.debuggablePromise = Object.assign(noteWithout, { leavesOutStacks: true });
}
