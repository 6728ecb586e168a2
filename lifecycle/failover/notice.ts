import { type Server, servers, type ServerSwitch } from "../../contract/front-door";
import type { AlertDetail } from "../../contract/monitoring";
import type { Severity } from "../../contract/alerts";

/** What a server is, for people. */
const described: Readonly<Record<Server, string>> = {
  champion: "the champion",
  standby: "the last stable release",
  small: "the smaller model",
  hold: "the queue, which answers later",
};

/** What people are told of a switch. @param evidence S3 URI of the ledger of switches. */
export function switchNotice(
  { atMs, from, to, reasons }: ServerSwitch,
  { endpoint, environment, evidence }: { endpoint: string; environment: string; evidence: string },
): AlertDetail {
  const better = servers.indexOf(to) < servers.indexOf(from);
  return {
    severity: severityOf(to, better),
    message: `Requests to ${endpoint} go ${better ? "back " : ""}to ${described[to]} instead of ${described[from]}: ${reasons.join("; ")}.`,
    area: "serving",
    // Each step is news of its own, and so is the way back.
    cause: `failover-to-${to}`,
    endpoint,
    since: new Date(atMs).toISOString(),
    evidence,
    runbook: "docs/runbooks/failover.md",
    command: `npx peregrine failover --stack ${environment}`,
  };
}

/** The last stable release answers as well as it did before; everything below answers worse, or later. */
function severityOf(to: Server, better: boolean): Severity {
  if (to === "champion") return "info";
  return better || to === "standby" ? "warning" : "critical";
}
