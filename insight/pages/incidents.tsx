import { readAlarmDescription } from "../../contract/alarm-description";
import { attentionOf, quoted } from "../read-model/attention";
import { type EnvironmentFacts, evidenceOf, type PlatformFacts, valueOf } from "../read-model/facts";
import type { Health } from "../read-model/summary";
import type { Cell, DataTable } from "./data-table";
import { type Page, Sources } from "./page";
import { Badge } from "./badge";
import { cited, CopyButton, Table } from "./parts";

const severityHealth: Readonly<Record<string, Health>> = { critical: "bad", warning: "watch", info: "unknown" };

/** What went wrong, who was told, who looks after it, and what healed by itself. */
export function incidentsPage(facts: PlatformFacts): Page {
  const sources = new Sources();
  const { environments } = facts;
  const from = <Item,>(read: (one: EnvironmentFacts) => readonly Item[]) =>
    environments.flatMap((environment) => read(environment).map((item) => ({ environment, item })));
  const alerts = from(({ alerts }) => valueOf(alerts, []));
  const alarms = from(({ alarms }) => valueOf(alarms, []).filter(({ state }) => state !== "OK"));
  const told = from(({ told }) => Object.entries(valueOf(told, { incidents: {}, sent: {}, held: {} }).incidents));
  const switches = from(({ failover }) =>
    failover ? valueOf(failover, { server: "", url: "", switches: [] }).switches.toReversed() : [],
  );
  const steps = from(({ violations }) => valueOf(violations, { open: [], entries: [] }).entries);
  const tables: DataTable[] = [
    {
      id: "alerts",
      title: "Alerts that wait, or waited, for somebody",
      columns: columns("environment", "severity", "what", "since", "state", "team", "id"),
      rows: alerts.map(
        ({ environment, item: { severity, subject, atMs, acknowledged, endedMs, steps, team, id } }): Cell[] => [
          environment.name,
          severity,
          subject,
          iso(atMs),
          endedMs !== undefined
            ? `over since ${iso(endedMs)}`
            : acknowledged
              ? `${acknowledged.by} looks after it`
              : `nobody yet, ${steps} ${steps === 1 ? "level was" : "levels were"} told`,
          team,
          id,
        ],
      ),
    },
    {
      id: "told",
      title: "Incidents that people were told",
      columns: columns("environment", "severity", "about", "since", "signals", "repeats"),
      rows: told.map(({ environment, item: [about, { severity, sinceMs, signals, repeats }] }): Cell[] => [
        environment.name,
        severity,
        about.replaceAll("|", " · "),
        iso(sinceMs),
        signals.join(", ") || null,
        repeats,
      ]),
    },
    {
      id: "alarms",
      title: "Alarms that are not OK",
      columns: columns("environment", "state", "what", "since", "reason", "runbook", "alarm"),
      rows: alarms.map(({ environment, item: { name, state, since, reason, description } }): Cell[] => {
        const { what, runbook } = readAlarmDescription(description ?? "");
        return [environment.name, state, what || name, since ?? null, reason ?? null, runbook ?? null, name];
      }),
    },
    {
      id: "switches",
      title: "Switches of the front door",
      columns: columns("environment", "at", "from", "to", "why"),
      rows: switches.map(({ environment, item: { at, from: before, to, reasons } }): Cell[] => [
        environment.name,
        at,
        before,
        to,
        reasons.join("; "),
      ]),
    },
    {
      id: "remediation",
      title: "What was changed after its deployment, and what became of it",
      columns: columns("environment", "at", "step", "violation", "resource", "outcome", "why", "actor"),
      rows: steps.map(({ environment, item: { at, rung, violation, resource, outcome, reasons, actor } }): Cell[] => [
        environment.name,
        at,
        rung,
        violation,
        resource,
        outcome,
        reasons.join("; ") || null,
        actor ?? null,
      ]),
    },
  ];
  const [alertTable, toldTable, alarmTable, switchTable, stepTable] = tables as [
    DataTable,
    DataTable,
    DataTable,
    DataTable,
    DataTable,
  ];
  const open = alerts.filter(({ item }) => !item.acknowledged && item.endedMs === undefined);
  const urgent = attentionOf(facts).filter(({ severity }) => severity === "critical");
  const badge = ([, severity]: readonly Cell[]) => (
    <Badge health={severityHealth[String(severity)] ?? "unknown"} text={String(severity)} />
  );
  const first = environments.at(-1)?.name ?? "dev";
  const body = (
    <>
      <h1>
        {open.length === 0 && urgent.length === 0
          ? "No incident is open"
          : [
              ...(urgent.length > 0
                ? [`${urgent.length} ${urgent.length === 1 ? "thing is" : "things are"} urgent`]
                : []),
              ...(open.length > 0
                ? [`${open.length} ${open.length === 1 ? "alert waits" : "alerts wait"} for somebody`]
                : []),
            ].join(", ")}
      </h1>
      <p class="lead">
        Who was told, who looks after it, and what the platform did by itself.
        {cited(
          sources,
          environments.flatMap(({ alerts, told, alarms, failover, violations }) =>
            [alerts, told, alarms, failover, violations].flatMap((read) => (read ? [evidenceOf(read)] : [])),
          ),
        )}
      </p>
      <Table
        page="incidents"
        table={alertTable}
        empty={{ text: "No alert waits for anybody.", command: `npx peregrine alert list --stack ${first}` }}
        cells={{
          severity: badge,
          state: ([name, , , , state, , id]) => (
            <>
              {state}{" "}
              {String(state).startsWith("nobody") && (
                <CopyButton
                  command={`npx peregrine alert ack ${quoted(String(id))} --stack ${name}`}
                  label="Acknowledge"
                />
              )}
            </>
          ),
        }}
      />
      <Table
        page="incidents"
        table={toldTable}
        empty={{ text: "Nobody was told anything yet." }}
        cells={{ severity: badge }}
      />
      <Table
        page="incidents"
        table={alarmTable}
        filter
        empty={{ text: "All alarms are OK.", command: `npx peregrine doctor --stack ${first}` }}
        cells={{
          state: ([, state]) => <Badge health={state === "ALARM" ? "bad" : "unknown"} text={String(state)} />,
          reason: ([, state, , , reason]) => (state === "ALARM" ? (reason ?? "–") : "–"),
        }}
      />
      <Table page="incidents" table={switchTable} empty={{ text: "The front door never switched." }} />
      <Table
        page="incidents"
        table={stepTable}
        filter
        empty={{
          text: "Nothing was changed after its deployment.",
          command: `npx peregrine remediation --stack ${first}`,
        }}
      />
    </>
  );
  return { name: "incidents", title: "Incidents", body, tables, sources };
}

const kinds: Readonly<Record<string, "time" | "number" | "short" | "wide">> = {
  environment: "short",
  severity: "short",
  since: "time",
  at: "time",
  repeats: "number",
  team: "short",
  step: "short",
  from: "short",
  to: "short",
  what: "wide",
  why: "wide",
};

function columns(...names: string[]) {
  return names.map((key) => ({
    key,
    label: key[0]!.toUpperCase() + key.slice(1),
    kind: kinds[key],
    hidden: key === "id" || key === "actor" || key === "alarm",
  }));
}

const iso = (ms: number): string => new Date(ms).toISOString();
