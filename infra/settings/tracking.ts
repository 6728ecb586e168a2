import type { networkSettings } from "./network";
import type { Demand } from "./problems";
import { oneOf, optional, type Values } from "./setting";

export const trackingSettings = {
  trackingMode: oneOf(["app", "tracking-server", "external"], {
    meaning:
      "Where experiments are tracked, one of app (serverless MLflow App), tracking-server (an MLflow server by the hour), external (an MLflow that exists already).",
    default: "app",
  }),
  trackingServerSize: oneOf(["Small", "Medium", "Large"], {
    meaning: "Size of the tracking server, one of Small, Medium, Large; used in mode tracking-server.",
    default: "Small",
  }),
  trackingUri: optional(/^https?:\/\/\S+$/, "the URL of an MLflow tracking server", {
    meaning: "URL of the MLflow in mode external; empty in the others.",
    example: "https://mlflow.example.org",
  }),
};
type TrackingValues = Values<typeof trackingSettings>;

export const trackingDemands: readonly Demand<TrackingValues & Values<typeof networkSettings>>[] = [
  {
    of: ["trackingMode", "trackingUri"],
    *clashes({ trackingMode: mode, trackingUri: uri }) {
      if (mode === "external" && !uri)
        yield {
          name: "trackingUri",
          reason: "is missing; peregrine:trackingMode is external, so say where that MLflow is",
        };
      if (mode !== "external" && uri)
        yield {
          name: "trackingUri",
          reason: `is set, but peregrine:trackingMode is ${mode}, which makes an MLflow of its own; set the mode to external or leave the URI empty`,
        };
    },
  },
  {
    // Jobs would find no way to it, and training would fail at its first metric, after it was paid for.
    of: ["trackingMode", "networkMode"],
    *clashes({ trackingMode, networkMode }) {
      if (trackingMode === "external" && networkMode === "private")
        yield {
          name: "trackingMode",
          reason:
            "is external, but peregrine:networkMode is private, which leads to AWS's services only; choose networkMode nat, or trackingMode app",
        };
    },
  },
];

/** Where experiments are tracked. `uri`: tracking URI of an MLflow that somebody else runs. */
export type TrackingSettings =
  | { readonly mode: "app" }
  | { readonly mode: "tracking-server"; readonly serverSize: TrackingValues["trackingServerSize"] }
  | { readonly mode: "external"; readonly uri: string };

export function trackingOf({ trackingMode, trackingServerSize, trackingUri }: TrackingValues): TrackingSettings {
  switch (trackingMode) {
    case "app":
      return { mode: "app" };
    case "tracking-server":
      return { mode: "tracking-server", serverSize: trackingServerSize };
    case "external":
      // There is one: a demand above.
      return { mode: "external", uri: trackingUri! };
  }
}
