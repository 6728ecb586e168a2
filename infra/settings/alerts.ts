import { type AlertArea, alertAreas, severities, type Severity } from "../../contract/alerts";
import type { Reader } from "./reader";

export type AlertEndpoint =
  | {
      readonly kind: "subscription";
      readonly protocol: "email" | "https" | "sqs" | "lambda";
      readonly endpoint: string;
    }
  | { readonly kind: "slack"; readonly workspaceId: string; readonly channelId: string };

/** A team, the areas it answers for, and one way to tell it. */
export interface AlertRoute {
  readonly team: string;
  readonly areas: readonly AlertArea[];
  readonly severities: readonly Severity[];
  readonly endpoint: AlertEndpoint;
}

const form = `a route of the form "<team> <areas> <severities> <endpoint>", such as "detectors serving,model critical,warning mailto:detectors@example.org"; areas: ${alertAreas.join(", ")}; severities: ${severities.join(", ")}; endpoints: mailto:, https:, slack:WORKSPACE/CHANNEL, the ARN of a queue or function`;
const listOf = (names: readonly string[]): string => `(?:${names.join("|")})(?:,(?:${names.join("|")}))*`;
const route = new RegExp(`^([a-z][a-z0-9-]{0,31}) (${listOf(alertAreas)}) (${listOf(severities)}) (\\S+)$`);

/** The routing table. An area has one team: two that both answer for it would each wait for the other. */
export function readAlertRoutes(read: Reader): readonly AlertRoute[] {
  const key = "peregrine:alertRoutes";
  const entries = read.list(key, route, form);
  const routes = entries.flatMap((entry, index) => {
    const [, team, areas, of, address] = route.exec(entry) ?? [];
    if (!team) return [];
    const endpoint = parseEndpoint(address!);
    if (!endpoint) {
      read.problem(
        `${key}[${index}]`,
        `${JSON.stringify(address)} is no endpoint; expected mailto:ADDRESS, an https URL, slack:WORKSPACE/CHANNEL, or the ARN of a queue or function`,
      );
      return [];
    }
    return [{ team, areas: areas!.split(",") as AlertArea[], severities: of!.split(",") as Severity[], endpoint }];
  });
  for (const area of alertAreas) {
    const teams = [...new Set(routes.filter(({ areas }) => areas.includes(area)).map(({ team }) => team))];
    if (teams.length > 1)
      read.problem(
        key,
        `gives ${area} to ${teams.join(" and ")}; an area has one team, which may have several endpoints`,
      );
  }
  return routes;
}

function parseEndpoint(address: string): AlertEndpoint | undefined {
  const mail = /^mailto:([^@\s]+@[^@\s]+)$/.exec(address)?.[1];
  if (mail) return { kind: "subscription", protocol: "email", endpoint: mail };
  if (/^https:\/\/[^\s/]+\S*$/.test(address)) return { kind: "subscription", protocol: "https", endpoint: address };
  const service = /^arn:aws[a-z-]*:(sqs|lambda):[a-z0-9-]+:\d{12}:\S+$/.exec(address)?.[1];
  if (service) return { kind: "subscription", protocol: service as "sqs" | "lambda", endpoint: address };
  // Slack's ids: a workspace starts with T, a channel with C or G.
  const [, workspaceId, channelId] = /^slack:(T[A-Z0-9]{2,20})\/([CG][A-Z0-9]{2,20})$/.exec(address) ?? [];
  return workspaceId && channelId ? { kind: "slack", workspaceId, channelId } : undefined;
}
