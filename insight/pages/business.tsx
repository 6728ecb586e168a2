import { raw } from "hono/html";
import { kpiUnit } from "../../contract/kpi";
import type { EffectResult } from "../../lifecycle/effect/effect";
import type { Roi } from "../../lifecycle/effect/roi";
import { drawCounterfactual, drawTornado } from "../charts/effect-charts";
import { gradeText, short, usd } from "../effects";
import { type EffectsFacts, type EnvironmentFacts, evidenceOf, type PlatformFacts, valueOf } from "../read-model/facts";
import type { Health } from "../read-model/summary";
import { shortVersion } from "../read-model/versions";
import type { Cell, DataTable } from "./data-table";
import { type Page, Sources } from "./page";
import { Badge } from "./badge";
import { cited, Empty, Table } from "./parts";
import { Tabs } from "./tabs";

const healths: Readonly<Record<EffectResult["verdict"], Health>> = {
  better: "good",
  worse: "bad",
  none: "good",
  open: "unknown",
  "moved-together": "unknown",
  refused: "unknown",
};
const nothing: EffectsFacts = { kpis: [], releases: [], roi: { verdict: "withheld", reasons: [] } };

/** What models did to the business: each KPI with what would have been, how it is known, and what it was worth. */
export async function businessPage(environment: EnvironmentFacts, facts: PlatformFacts): Promise<Page> {
  const { name } = environment;
  const sources = new Sources();
  const effects = valueOf(environment.effects, nothing);
  const newest = effects.releases[0];
  const tables = [effectsTable(effects), kpisTable(effects)] as const;
  const source = cited(sources, [evidenceOf(environment.effects)]);
  const shown = await Promise.all((newest?.results ?? []).map(async (one) => ({ one, svg: await chartOf(one) })));
  const tornado =
    effects.roi.verdict === "stated"
      ? await drawTornado(effects.roi.tornado, "How much each input moves the net, the widest bar first")
      : undefined;
  const page = `business-${name}`;
  const body = (
    <>
      <h1>What models are worth in {name}</h1>
      <p class="lead">
        Each effect is compared with what would have been without the release, and says by how good evidence it is
        known: A randomised, B difference in differences, C interrupted time series, D association only.
        {source}
      </p>
      <Tabs kind="business" facts={facts} current={name} />
      {newest ? (
        <>
          <h2>
            {shortVersion(newest.modelPackageArn)}, live since {newest.day}
          </h2>
          <div class="charts">
            {shown.map(({ one, svg }) => (
              <Effect result={one} svg={svg} />
            ))}
            <Return roi={effects.roi} svg={tornado} name={name} />
          </div>
        </>
      ) : (
        <Empty
          text={`Nothing ever went live in ${name}, so nothing had an effect.`}
          command={`npx peregrine release list --stack ${name}`}
        />
      )}
      <Table
        page={page}
        table={tables[0]}
        filter
        empty={{ text: "No release was compared yet.", command: `npx peregrine effect --stack ${name}` }}
        cells={{
          verdict: ([, , , verdict]) => (
            <Badge health={healths[verdict as EffectResult["verdict"]]} text={String(verdict)} />
          ),
        }}
      />
      <Table
        page={page}
        table={tables[1]}
        empty={{
          text: "No business metric is defined: the setting kpis names them.",
          command: `npx peregrine effect --stack ${name}`,
        }}
      />
    </>
  );
  return { name: page, title: `Business in ${name}`, body, tables, sources };
}

async function chartOf({ kpi, unit, day, estimate, sentence }: EffectResult): Promise<string | undefined> {
  if (!estimate?.course || estimate.course.length === 0) return undefined;
  return drawCounterfactual(estimate.course, { unit, change: day, description: `${kpi} by day. ${sentence}` });
}

function Effect({ result, svg }: { result: EffectResult; svg: string | undefined }) {
  const { kpi, verdict, grade, sentence, estimate, refusals, otherChanges, preRegistered, adjustedP } = result;
  return (
    <section class="card">
      <h3>
        {kpi} <Badge health={healths[verdict]} text={verdict.replace("-", " ")} />{" "}
        {grade && <span class="badge unknown">evidence {gradeText(grade)}</span>}
      </h3>
      <p>{sentence}</p>
      {svg && (
        <figure>
          {raw(svg)}
          <p class="soft">
            What was, and (dashed) what would have been expected without the release; the band holds the expected level
            with a chance of 95 %.
          </p>
        </figure>
      )}
      <details>
        <summary>How it is known</summary>
        <dl>
          {estimate && (
            <>
              <dt>Method</dt>
              <dd>{estimate.method}</dd>
              <dt>Behind it</dt>
              <dd>
                {Object.entries(estimate.n)
                  .map(([what, count]) => `${what}: ${count}`)
                  .join(", ")}
              </dd>
              <dt>p-value</dt>
              <dd>
                {short(estimate.pValue)}
                {adjustedP !== undefined && `, adjusted for several KPIs ${short(adjustedP)}`}
              </dd>
              <dt>Power</dt>
              <dd>Effects of {short(estimate.detectable)} or more are found with a chance of 80 %.</dd>
              {estimate.placebo && (
                <>
                  <dt>Placebo dates</dt>
                  <dd>
                    {estimate.placebo.asExtreme} of {estimate.placebo.dates} dates at which nothing changed look as much
                    like a change.
                  </dd>
                </>
              )}
              <dt>It supposes that</dt>
              <dd>{estimate.assumptions.join("; ")}</dd>
            </>
          )}
          <dt>Asked about</dt>
          <dd>{preRegistered ? "before the release went live" : "after the release went live"}</dd>
          {refusals.map(({ grade: refused, reasons }) => (
            <>
              <dt>Why not {refused}</dt>
              <dd>{reasons.join("; ")}</dd>
            </>
          ))}
          <dt>Other changes near it</dt>
          <dd>{otherChanges.map(({ day, what }) => `${day} ${what}`).join("; ") || "none is known"}</dd>
        </dl>
      </details>
    </section>
  );
}

function Return({ roi, svg, name }: { roi: Roi; svg: string | undefined; name: string }) {
  if (roi.verdict === "withheld")
    return (
      <Empty
        text={`No return is stated, rather than a guess: ${roi.reasons.join("; ")}.`}
        command={`npx peregrine effect --stack ${name} --help`}
      />
    );
  const { net, positive, paybackDays } = roi;
  return (
    <section class="card">
      <h3>Return</h3>
      <p>
        Net {usd(net.median)}, 80 % between {usd(net.interval80.low)} and {usd(net.interval80.high)}, 95 % between{" "}
        {usd(net.interval95.low)} and {usd(net.interval95.high)}; above 0 with a chance of {Math.round(100 * positive)}{" "}
        %. {paybackDays === undefined ? "It does not pay back." : `It pays back after ${short(paybackDays)} days.`}
      </p>
      {svg && (
        <figure>
          {raw(svg)}
          <p class="soft">Net when one input goes from its 5 % to its 95 % value and the others stay.</p>
        </figure>
      )}
    </section>
  );
}

function effectsTable({ releases }: EffectsFacts): DataTable {
  return {
    id: "effects",
    title: "Effects of releases",
    columns: [
      { key: "version", label: "Version", kind: "short" },
      { key: "live_since", label: "Live since", kind: "short" },
      { key: "kpi", label: "KPI", kind: "short" },
      { key: "verdict", label: "Verdict", kind: "short" },
      { key: "grade", label: "Evidence", kind: "short" },
      { key: "effect", label: "Effect", kind: "number" },
      { key: "low", label: "95 % from", kind: "number" },
      { key: "high", label: "to", kind: "number" },
      { key: "unit", label: "Unit", kind: "short" },
      { key: "sentence", label: "In a sentence", kind: "wide" },
      { key: "release", label: "Release", hidden: true },
    ],
    rows: releases.flatMap(({ release, modelPackageArn, day, results }) =>
      results.map(({ kpi, verdict, grade, estimate, unit, sentence }): Cell[] => [
        ...[shortVersion(modelPackageArn), day, kpi, verdict, grade ?? null],
        ...[estimate?.mean ?? null, estimate?.low ?? null, estimate?.high ?? null],
        ...[unit, sentence, release],
      ]),
    ),
  };
}

function kpisTable({ kpis }: EffectsFacts): DataTable {
  return {
    id: "kpis",
    title: "Business metrics",
    columns: [
      { key: "kpi", label: "KPI", kind: "short" },
      { key: "unit", label: "Unit", kind: "short" },
      { key: "better", label: "Better", kind: "short" },
      { key: "target", label: "Target", kind: "number" },
      { key: "usd_from", label: "Worth, USD from", kind: "number" },
      { key: "usd_to", label: "to", kind: "number" },
      { key: "owner", label: "Owner", kind: "short" },
      { key: "source", label: "Source" },
    ],
    rows: kpis.map((kpi): Cell[] => [
      ...[kpi.name, kpiUnit(kpi), kpi.better, kpi.target ?? null],
      ...[kpi.usd?.[0] ?? null, kpi.usd?.[1] ?? null, kpi.owner, sourceText(kpi.source)],
    ]),
  };
}

function sourceText(source: EffectsFacts["kpis"][number]["source"]): string {
  switch (source.kind) {
    case "feedback":
      return `labels: ${source.measure}`;
    case "csv":
      return "table of the business";
    case "metric":
      return `CloudWatch ${source.namespace} ${source.metric}, ${source.statistic}`;
  }
}
