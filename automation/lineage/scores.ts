import type { Evaluation } from "../../lifecycle/comparison";

/** An evaluation's numbers, by names that people read. */
export function scoresOf(evaluation: Evaluation): Record<string, string> {
  const { map50, map, latencyMs, modelBytes, slices, comparison } = evaluation;
  const bySlice = Object.entries(slices).flatMap(([kind, group]) =>
    Object.entries(group).map(([name, one]) => [
      `mAP50 ${kind} ${name}`,
      `${rounded(one.map50)} of ${one.boxes} boxes`,
    ]),
  );
  return {
    mAP50: rounded(map50),
    mAP: rounded(map),
    ...(Object.fromEntries(bySlice) as Record<string, string>),
    "latency p50": `${latencyMs.p50} ms`,
    "latency p99": `${latencyMs.p99} ms`,
    "model size": `${modelBytes} bytes`,
    ...(comparison
      ? {
          "gain over champion": `${rounded(comparison.map50Gain)} (95 % interval ${comparison.map50GainCi95.map(rounded).join(" to ")})`,
          champion: comparison.championSha256,
        }
      : {}),
  };
}

const rounded = (value: number): string => value.toFixed(4);
