import type { Cloud } from "../cloud";
import { WrongFault, type FaultInput } from "./kinds";
import { UnknownFaults } from "./faults";
import type { Answer, Incoming } from "../gateway/http";

/**
 * `/_peregrine/faults`: GET lists the active faults, POST adds one (a JSON document), DELETE ends those of `?id=` or
 * all. What is wrong with a request is answered as `{ message, problems[] }`.
 */
export function answerFaults({ faults }: Cloud, request: Incoming): Answer {
  try {
    switch (request.method) {
      case "GET":
        return json(200, faults.list());
      case "POST":
        // A page in a browser may post forms and plain text anywhere; JSON it may not without asking first.
        if (!/^application\/json\b/.test(request.headers["content-type"] ?? ""))
          return json(415, { message: "faults are told as application/json", problems: [] });
        return json(200, faults.add(JSON.parse(request.body.toString("utf8")) as FaultInput));
      case "DELETE":
        return json(200, {
          cleared: faults.clear(request.query.filter(([name]) => name === "id").map(([, id]) => id)),
        });
      default:
        return json(405, { message: `faults know no ${request.method}`, problems: [] });
    }
  } catch (error) {
    if (error instanceof WrongFault) return json(400, { message: error.message, problems: error.problems });
    if (error instanceof UnknownFaults)
      return json(404, { message: error.message, problems: error.ids.map((id) => `there is no active fault ${id}`) });
    if (error instanceof SyntaxError) return json(400, { message: `no JSON: ${error.message}`, problems: [] });
    throw error;
  }
}

function json(status: number, value: unknown): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
