import { project } from "./names";

/** Areas of the platform; part of every component's type token. */
export type Area =
  | "platform"
  | "network"
  | "audit"
  | "cost"
  | "keys"
  | "storage"
  | "identity"
  | "images"
  | "tracking"
  | "registry"
  | "training"
  | "serving"
  | "alerts"
  | "reactions"
  | "delivery"
  | "studio"
  | "monitoring"
  | "retraining"
  | "experiments"
  | "events"
  | "feedback"
  | "frontDoor"
  | "forecasting"
  | "business"
  | "dashboards"
  | "remediation"
  | "reporting";

/** Type token of a component: `peregrine:<area>:<Name>`. */
export function componentToken(area: Area, name: string): string {
  return `${project}:${area}:${name}`;
}

/** Whether a type token is that of one of our components. */
export function isComponentToken(type: string): boolean {
  return type.startsWith(`${project}:`);
}

/**
 * Components that come and change with a release: everything else in a stack is infrastructure, but for the engine's
 * own (the stack, providers).
 */
export const releaseComponents: readonly string[] = [
  componentToken("serving", "MonitoredEndpoint"),
  componentToken("serving", "Fallbacks"),
  componentToken("cost", "Nights"),
  componentToken("remediation", "ReleaseFacts"),
];
