// What a release build needs and its image does not have: Node packages, the Pulumi CLI, the policy pack.
import { ensureReady, entry } from "../setup/index.mjs";

await entry(async () => {
  const { seconds, pulumi } = await ensureReady({ need: ["pulumi", "bundles"] });
  console.log(`Ready after ${seconds.toFixed(1)} s, Pulumi CLI ${pulumi}`);
});
