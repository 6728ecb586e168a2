import { doorFunction, doorHeader, type Server } from "../../contract/front-door";
import { FunctionUrl, type UrlAnswer } from "../../aws/function-url";
import { callerIdentity } from "../../aws/sts";
import { poll } from "../../automation/poll";
import { addFault, clearFaults } from "../commands/local-fault";
import type { OnProgress, Rehearsal } from "./rehearsal";
import type { Facts } from "./summary";

/** Real time. A breaker's first rest is half a second of it; a busy laptop takes longer. */
const patienceMs = 5 * 60_000;
const backoff = { firstMs: 250, maxMs: 1_000 };
/** Images that are sent while the champion cannot answer. */
const imagesUnderFault = 8;

/**
 * The champion's process is killed whenever it comes up. Clients of the front door notice nothing: the next image is
 * answered by the smaller model, the team is told at once, and the champion serves again when it can.
 */
export async function failOver(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { prod } = rehearsal.environments;
  const { endpointName } = await prod.outputs();
  const door = FunctionUrl.of({ ...prod.session, profile: "ml-engineer-prod" }, doorFunction("prod"));
  const send = async (): Promise<UrlAnswer> => {
    const tile = rehearsal.tiles[rehearsal.requests.sent % rehearsal.tiles.length]!;
    const headers = { "content-type": tile.contentType, [doorHeader.flight]: "rehearsal" };
    const answer = await door.send({ method: "POST", headers, body: tile.body });
    const failed = answer.status === 200 ? 0 : 1;
    rehearsal.requests = { sent: rehearsal.requests.sent + 1, failed: rehearsal.requests.failed + failed };
    if (failed) throw new Error(`the front door answered ${answer.status}: ${answer.body}`);
    return answer;
  };
  await answeredBy("champion", send);
  const { at: since } = await callerIdentity(prod.session);
  onProgress("the champion's process is killed, again and again");
  await addFault({ kind: "crash", endpoint: endpointName }, rehearsal.stateDir);
  let servers: (string | undefined)[] = [];
  try {
    for (let count = 0; count < imagesUnderFault; count += 1) servers = [...servers, serverOf(await send())];
  } finally {
    await clearFaults([], rehearsal.stateDir);
  }
  const fallback = servers.findIndex((server) => server === "small");
  if (fallback === -1 || fallback > 1) throw new Error(`images were answered by ${servers.join(", ")}`);
  onProgress("waiting for the alert, and for the champion's return");
  const alerts = await poll(
    async () => (await rehearsal.listening.teamAtOnce.all()).filter(({ text }) => text.includes("failover")),
    (found) => found.length > 0,
    { timeoutMs: patienceMs, backoff },
  );
  if (!alerts[0]) throw new Error("clients were answered by a fallback, and the team was not told");
  await answeredBy("champion", send);
  return {
    "images under fault": imagesUnderFault,
    lost: 0,
    "answered by": [...new Set(servers)].join(" then "),
    "told after cloud minutes": Number(((Date.parse(alerts[0].at) - since.getTime()) / 60_000).toFixed(1)),
    back: "champion",
  };
}

function serverOf({ headers }: UrlAnswer): string | undefined {
  return headers[doorHeader.server];
}

async function answeredBy(server: Server, send: () => Promise<UrlAnswer>): Promise<void> {
  const answer = await poll(send, (one) => serverOf(one) === server, { timeoutMs: patienceMs, backoff });
  if (serverOf(answer) !== server) throw new Error(`images are answered by ${serverOf(answer)} and not by ${server}`);
}
