import { openEnvironment } from "../project";
import type { Recorder } from "./figures";
import { median } from "./signed";

/** `up`, and a warm `preview`, of the production stack under the policy pack. */
export async function benchEngine(record: Recorder): Promise<void> {
  const prod = await openEnvironment("prod");
  const timed = async (action: () => Promise<unknown>) => {
    const started = performance.now();
    await action();
    return (performance.now() - started) / 1000;
  };
  const up = await timed(() => prod.up());
  record.figure("pulumi up of prod, from nothing", up, "s", { text: "at most 20 s", met: up <= 20 });
  const previews: number[] = [];
  for (let round = 0; round < 3; round += 1) previews.push(await timed(() => prod.preview()));
  const preview = median(previews);
  record.figure("pulumi preview of prod with the policy pack, warm", preview, "s", {
    text: "at most 10 s",
    met: preview <= 10,
  });
  record.figure("pulumi destroy of prod", await timed(() => prod.destroy()), "s");
}
