import { createHash } from "node:crypto";
import { type AlertRoute } from "../settings/alerts";
import { type AlertArea, severities, type Severity } from "../../contract/alerts";

type Routes = readonly AlertRoute[];

/**
 * Last part of the name of the topic that hears about an area: `critical`, or `detectors-critical` where a team answers
 * for the area.
 */
export function topicSuffix(routes: Routes, severity: Severity, area: AlertArea): string {
  const team = teamOf(routes, severity, area);
  return team === undefined ? severity : teamTopic(routes, team, severity);
}

/** The team that hears about an area; undefined where no route takes it, which makes it the environment's owner's. */
export function teamOf(routes: Routes, severity: Severity, area: AlertArea): string | undefined {
  return routes.find(({ areas, severities: of }) => areas.includes(area) && of.includes(severity))?.team;
}

/** The topics that there are: one per severity for the platform, and those of teams. */
export function topicSuffixes(routes: Routes): string[] {
  return [
    ...new Set([
      ...severities,
      ...routes.flatMap(({ team, severities: of }) => of.map((severity) => teamTopic(routes, team, severity))),
    ]),
  ];
}

/** The platform's topics belong to whoever answers for the platform. */
function teamTopic(routes: Routes, team: string, severity: Severity): string {
  const answersForPlatform = routes.some((route) => route.team === team && route.areas.includes("platform"));
  return answersForPlatform ? severity : `${team}-${severity}`;
}

export interface Subscription {
  /** Part of the logical name: the same for the same endpoint, whatever the order of the table. */
  readonly name: string;
  readonly suffix: string;
  readonly protocol: string;
  readonly endpoint: string;
}

/** Every endpoint at each of its team's topics, once. */
export function subscriptionsOf(routes: Routes): Subscription[] {
  const all = routes.flatMap(({ team, severities: of, endpoint }) => {
    if (endpoint.kind !== "subscription") return [];
    const { protocol, endpoint: address } = endpoint;
    return of.map((severity) => ({
      name: `${team}-${severity}-${protocol}-${digest(address)}`,
      suffix: teamTopic(routes, team, severity),
      protocol,
      endpoint: address,
    }));
  });
  return [...new Map(all.map((one) => [one.name, one])).values()];
}

export interface ChatChannel {
  readonly name: string;
  readonly workspaceId: string;
  readonly channelId: string;
  readonly suffixes: readonly string[];
}

/** Chat channels with the topics that each shows. */
export function channelsOf(routes: Routes): ChatChannel[] {
  const channels = new Map<string, ChatChannel>();
  for (const { team, severities: of, endpoint } of routes) {
    if (endpoint.kind !== "slack") continue;
    const { workspaceId, channelId } = endpoint;
    const name = `${team}-${channelId.toLowerCase()}`;
    const suffixes = [
      ...(channels.get(name)?.suffixes ?? []),
      ...of.map((severity) => teamTopic(routes, team, severity)),
    ];
    channels.set(name, { name, workspaceId, channelId, suffixes: [...new Set(suffixes)] });
  }
  return [...channels.values()];
}

function digest(address: string): string {
  return createHash("sha256").update(address).digest("hex").slice(0, 8);
}
