/** How an operation is declared, for whoever adds one. The model is `local/services/cloudtrail/`. */
export function serviceFormSection(): string[] {
  return [
    "## How a service is written",
    "",
    "A service is a folder `local/services/<service>/`, and [`cloudtrail`](../local/services/cloudtrail/index.ts) is the model. Each operation is declared whole, in one place:",
    "",
    "```ts",
    "StartLogging: operation<StartLoggingCommandInput, StartLoggingCommandOutput>({",
    "  requires: (input, call) => onTrails(trails, [input.Name], call), // IAM action, resource, the action's own condition keys",
    '  fidelity: { level: "recorded", note: "trails are not delivered to their bucket" },',
    "  handle: (input) => { … },",
    "}),",
    "```",
    "",
    "- `Input` and `Output` are the SDK's types, imported as types only. The service model has validated the input before, so required members are there.",
    "- `requires` is what IAM's evaluator asks before the handler runs. ARNs may leave out region and account.",
    "- `fidelity` is what this page says; an operation without it does not compile.",
    "- `handle` answers, or throws an `AwsError` in AWS's words. Any other exception is a bug of the local cloud: the caller is answered `InternalFailure` with a request id, and the trace is in the log under that id.",
    "- Records are in the journal (`cloud.journal.table`). What acts for somebody's role goes through `cloud.as`, so that it is authorised and recorded.",
    "- The folder's `index.ts` is the table; `local/services/index.ts` registers it.",
    "",
    "Services in the older form have handlers alone, a table `permissions` beside them, and their fidelity in `local/fidelity.ts`. Both forms live in one table until the last has moved. No operation is in both.",
    "",
  ];
}
