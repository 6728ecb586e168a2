import { doorFunction, doorHeader, type HeldReceipt, type Server } from "../../contract/front-door";
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
 * The champion's process is killed whenever it comes up. No client of the front door is turned away: images are held,
 * the team is told at once, the champion serves again when it can, and each held image is answered.
 */
export async function failOver(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { prod } = rehearsal.environments;
  const { endpointName } = await prod.outputs();
  const door = new Door(rehearsal);
  await door.answeredBy("champion");
  const { at: since } = await callerIdentity(prod.session);
  onProgress("the champion's process is killed, again and again");
  const crash = await addFault({ kind: "crash", endpoint: endpointName }, rehearsal.stateDir);
  const under: UrlAnswer[] = [];
  try {
    while (under.length < imagesUnderFault) under.push(await door.send());
  } finally {
    await clearFaults([crash.id], rehearsal.stateDir);
  }
  const held = under.filter(({ status }) => status === 202);
  if (held.length === 0) throw new Error("the champion answered although its process was killed");
  onProgress("waiting for the alert, for the champion's return, and for the answers to held images");
  const alerts = await poll(
    async () => (await rehearsal.listening.teamAtOnce.all()).filter(({ text }) => text.includes("failover")),
    (found) => found.length > 0,
    { timeoutMs: patienceMs, backoff },
  );
  if (!alerts[0]) throw new Error("images were held, and the team was not told");
  await door.answeredBy("champion");
  const later = await Promise.all(held.map((receipt) => door.fetch(receipt)));
  return {
    "images under fault": under.length,
    held: held.length,
    "answered later": later.filter(({ status }) => status === 200).length,
    lost: later.filter(({ status }) => status !== 200).length,
    "told after cloud minutes": Number(((Date.parse(alerts[0].at) - since.getTime()) / 60_000).toFixed(1)),
    back: "champion",
  };
}

/** Production's front door, as an ML engineer's client sees it. */
class Door {
  private readonly url: FunctionUrl;

  constructor(private readonly rehearsal: Rehearsal) {
    const { session } = rehearsal.environments.prod;
    this.url = FunctionUrl.of({ ...session, profile: "ml-engineer-prod" }, doorFunction("prod"));
  }

  /** Sends an image. @throws Error when it is neither answered nor held. */
  async send(): Promise<UrlAnswer> {
    const { tiles, requests } = this.rehearsal;
    const { contentType, body } = tiles[requests.sent % tiles.length]!;
    const headers = { "content-type": contentType, [doorHeader.flight]: "rehearsal" };
    const answer = await this.url.send({ method: "POST", headers, body });
    const failed = answer.status === 200 || answer.status === 202 ? 0 : 1;
    this.rehearsal.requests = { sent: requests.sent + 1, failed: requests.failed + failed };
    if (failed) throw new Error(`the front door answered ${answer.status}: ${answer.body}`);
    return answer;
  }

  /** Sends images until this server answers. @throws Error when it does not in time. */
  async answeredBy(server: Server): Promise<void> {
    const serverOf = ({ headers }: UrlAnswer) => headers[doorHeader.server];
    const answer = await poll(
      () => this.send(),
      (one) => serverOf(one) === server,
      { timeoutMs: patienceMs, backoff },
    );
    if (serverOf(answer) !== server) throw new Error(`images are answered by ${serverOf(answer)} and not by ${server}`);
  }

  /** The answer to a held image, as soon as it is there. */
  async fetch({ body }: UrlAnswer): Promise<UrlAnswer> {
    const { answer: path } = JSON.parse(body) as HeldReceipt;
    return poll(
      () => this.url.send({ method: "GET", path }),
      ({ status }) => status !== 202,
      { timeoutMs: patienceMs, backoff },
    );
  }
}
