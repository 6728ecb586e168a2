import { type AlertArea, alertAreas, severities, type Severity } from "../../contract/alerts";
import type { Demand } from "./problems";
import { integer, list, split, type Values } from "./setting";

const form = `a route of the form "<team> <areas> <severities> <endpoint>", such as "detectors serving,model critical,warning mailto:detectors@example.org"; areas: ${alertAreas.join(", ")}; severities: ${severities.join(", ")}; endpoints: mailto:, https:, slack:WORKSPACE/CHANNEL, the ARN of a queue or function`;
const someOf = (names: readonly string[]): string => `(?:${names.join("|")})(?:,(?:${names.join("|")}))*`;
const route = new RegExp(`^([a-z][a-z0-9-]{0,31}) (${someOf(alertAreas)}) (${someOf(severities)}) (\\S+)$`);

const levelForm = `a level of the form "<team> <severity> <minutes> <endpoint>", such as "* critical 15 mailto:lead@example.org"; the team by its name, or *; severities: critical, warning; minutes from 1 to 1440; endpoints as in alertRoutes, but for slack`;
const level =
  /^(\*|[a-z][a-z0-9-]{0,31}) (critical|warning) ([1-9]\d{0,2}|1[0-3]\d\d|14[0-3]\d|1440) (mailto:\S+|https:\S+|arn:\S+)$/;

export const alertsSettings = {
  eventRetentionDays: integer(1, 3650, {
    meaning: "Days that the archive keeps the environment's events, ready to be replayed.",
    default: "30",
  }),
  alertRoutes: list(route, form, {
    meaning:
      "Which team hears about what, and how, each `team areas severities endpoint`, for example `detectors serving,model critical,warning mailto:detectors@example.org`. Areas serving, model, platform; endpoints mailto, https, slack (workspace/channel), the ARN of a queue or function. What no route takes goes to alertEmail.",
    example: "detectors serving,model critical,warning mailto:detectors@example.org",
  }),
  escalation: list(level, levelForm, {
    meaning:
      "Who is told of an alert that nobody acknowledged, each `team severity minutes endpoint`: the team that heard it first, or `*`. Endpoints mailto, https (such as PagerDuty's or Slack's), the ARN of a queue or function. Empty: nobody is.",
    example: "* critical 15 mailto:lead@example.org",
  }),
  escalationLoops: integer(0, 10, {
    meaning: "How often the levels of `escalation` are gone through again.",
    default: "2",
  }),
};
type AlertsValues = Values<typeof alertsSettings>;

export const alertsDemands: readonly Demand<AlertsValues>[] = [
  {
    of: ["alertRoutes"],
    *clashes({ alertRoutes }) {
      for (const [index, text] of alertRoutes.entries()) {
        const address = route.exec(text)?.[4];
        if (address !== undefined && !endpointOf(address))
          yield {
            name: "alertRoutes",
            index,
            reason: `${JSON.stringify(address)} is no endpoint; expected mailto:ADDRESS, an https URL, slack:WORKSPACE/CHANNEL, or the ARN of a queue or function`,
          };
      }
    },
  },
  {
    // Two teams that both answer for an area would each wait for the other.
    of: ["alertRoutes"],
    *clashes({ alertRoutes }) {
      const routes = alertRoutesOf(alertRoutes);
      for (const area of alertAreas) {
        const teams = [...new Set(routes.filter(({ areas }) => areas.includes(area)).map(({ team }) => team))];
        if (teams.length > 1)
          yield {
            name: "alertRoutes",
            reason: `gives ${area} to ${teams.join(" and ")}; an area has one team, which may have several endpoints`,
          };
      }
    },
  },
];

/** Who is told when nobody acknowledged for some minutes. */
export interface EscalationLevelSetting {
  readonly team: string;
  readonly severity: Severity;
  readonly minutes: number;
  readonly protocol: "email" | "https" | "sqs" | "lambda";
  readonly endpoint: string;
}

export interface EscalationSettings {
  readonly levels: readonly EscalationLevelSetting[];
  readonly loops: number;
}

export function escalationOf({ escalation, escalationLoops }: AlertsValues): EscalationSettings {
  const levels = escalation.flatMap((text) => {
    const [, team = "", severity, minutes, address = ""] = level.exec(text) ?? [];
    const endpoint = endpointOf(address);
    if (endpoint?.kind !== "subscription") return [];
    const { kind: _kind, ...to } = endpoint;
    return [{ team, severity: severity as Severity, minutes: Number(minutes), ...to }];
  });
  return { levels, loops: escalationLoops };
}

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

/** The routing table: those of the texts that are routes. */
export function alertRoutesOf(texts: readonly string[]): AlertRoute[] {
  return texts.flatMap((text) => {
    const [, team, areas = "", of = "", address = ""] = route.exec(text) ?? [];
    const endpoint = endpointOf(address);
    if (team === undefined || !endpoint) return [];
    return [{ team, areas: split(areas) as AlertArea[], severities: split(of) as Severity[], endpoint }];
  });
}

function endpointOf(address: string): AlertEndpoint | undefined {
  const mail = /^mailto:([^@\s]+@[^@\s]+)$/.exec(address)?.[1];
  if (mail) return { kind: "subscription", protocol: "email", endpoint: mail };
  if (/^https:\/\/[^\s/]+\S*$/.test(address)) return { kind: "subscription", protocol: "https", endpoint: address };
  const service = /^arn:aws[a-z-]*:(sqs|lambda):[a-z0-9-]+:\d{12}:\S+$/.exec(address)?.[1];
  if (service) return { kind: "subscription", protocol: service as "sqs" | "lambda", endpoint: address };
  // Slack's ids: a workspace starts with T, a channel with C or G.
  const [, workspaceId, channelId] = /^slack:(T[A-Z0-9]{2,20})\/([CG][A-Z0-9]{2,20})$/.exec(address) ?? [];
  return workspaceId && channelId ? { kind: "slack", workspaceId, channelId } : undefined;
}
