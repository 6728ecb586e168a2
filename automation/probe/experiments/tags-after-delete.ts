import { createKey, dropKey, keysNamed, nameKey } from "../../../aws/kms";
import { Queues } from "../../../aws/sqs";
import { taggedResources } from "../../../aws/tagging";
import { held, refuted } from "../answer";
import type { Experiment } from "../experiment";

/** How long the tagging API lists what was deleted. */
export const tagsAfterDelete: Experiment = {
  name: "tags-after-delete",
  question:
    "For how long does the tagging API list a deleted queue, and does it list a key that waits for its deletion?",
  believed:
    "A deleted resource is listed for some minutes, not for an hour; a key that waits for its deletion stays listed with its tags.",
  minutes: 75,
  costs: [{ key: "kms.key", units: 0.01 }],
  async ask(bench) {
    const tags = { ...bench.tags, "probe-run": bench.name("tags") };
    const asked = { "probe-run": bench.name("tags") };
    const queues = new Queues(bench.session);
    const queue = await queues.create(bench.name("queue"), tags);
    const key = await createKey(bench.session, bench.accountOwns, tags);
    await nameKey(bench.session, key, bench.name("key"));
    bench.step("waits until both are listed");
    const listed = await bench.until(10, async () =>
      ((arns) => (arns.includes(queue.arn) && arns.includes(key) ? true : undefined))(
        await taggedResources(bench.session, asked),
      ),
    );
    if (!listed) return refuted("what was made is not listed after 10 minutes");
    await queues.delete(queue.url);
    for (const { alias, keyId } of await keysNamed(bench.session, bench.name("key")))
      await dropKey(bench.session, alias, keyId);
    bench.step("deleted the queue, and told the key to go");
    const watch = bench.watch();
    const gone = await bench.until(60, async () =>
      (await taggedResources(bench.session, asked)).includes(queue.arn) ? undefined : true,
    );
    const minutes = (watch() / 60).toFixed(1);
    const keyListed = (await taggedResources(bench.session, asked)).includes(key);
    const seen = `the queue is ${gone ? `gone from the list after ${minutes} minutes` : "listed after an hour"}, the waiting key is ${keyListed ? "listed" : "not listed"}`;
    return gone && keyListed ? held(seen) : refuted(seen);
  },
};
