import { Functions } from "../../aws/lambda";
import { ObjectStore } from "../../aws/s3";
import { callerIdentity } from "../../aws/sts";
import { poll } from "../../automation/poll";
import { forecastStateKey } from "../../contract/monitoring";
import { namePrefix } from "../../contract/names";
import { forecastText } from "../../insight/forecasts";
import { isoDay, parseDay } from "../../lifecycle/forecasting/calendar";
import type { DailyValue } from "../../lifecycle/forecasting/daily";
import type { SeriesMemory } from "../../lifecycle/forecasting/look";
import { emptyTally } from "../../lifecycle/forecasting/score";
import { ForecastRecords } from "../../records/forecasts";
import { type OnProgress, patience, type Rehearsal } from "./rehearsal";
import type { Facts } from "./summary";

const limit = { value: 75, breach: "above" } as const;
const horizonDays = 28;

/**
 * What an older environment would remember of its disks: half a year ago they filled up, which was warned of and came
 * true; since three weeks they fill up again.
 * @param day the last one, as a number of days.
 */
function fillingDisks(day: number): SeriesMemory {
  const values: DailyValue[] = [];
  for (let ago = 206; ago >= 0; ago -= 1) {
    const filled = ago > 184 ? 2 * (207 - ago) : 1.2 * Math.max(0, 21 - ago);
    // Days differ by a per cent or two.
    values.push({ day: isoDay(day - ago), value: 40 + filled + ((ago * 7919) % 11) / 5 - 1 });
  }
  const warning = {
    verdict: "will-breach",
    day: isoDay(day - 199),
    horizonDays,
    limit,
    probability: 0.9,
    outcome: { outcome: "open" },
  } as const;
  return { values, pending: [], warnings: [warning], tally: emptyTally };
}

/**
 * The daily forecast of production, with the memory of an older environment: the earlier warning is judged, a new one
 * reaches the team with the score, and `npx peregrine forecast` shows both.
 */
export async function forecastDisks(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { prod } = rehearsal.environments;
  const { artifactsBucket: bucket } = await prod.outputs();
  const store = new ObjectStore(prod.session);
  const { at } = await callerIdentity(prod.session);
  // A look that the schedule cannot have made: production is younger.
  const day = parseDay(at.toISOString())! - 2;
  const series = { disk: fillingDisks(day) };
  const state = { version: 1, day: isoDay(day - 1), releases: [], series };
  await store.put({ bucket, key: forecastStateKey }, JSON.stringify(state), "application/json");
  onProgress("the daily forecast looks");
  const time = `${isoDay(day + 1)}T03:00:00Z`;
  const said = await new Functions(prod.session).invoke(`${namePrefix(prod.name)}-forecast`, { time });
  onProgress("waiting for the warning");
  const { team } = rehearsal.listening;
  const warnings = await poll(
    async () => (await team.all()).filter(({ text }) => /is on its way to its limit/.test(text)),
    (found) => found.length > 0,
    patience,
  );
  if (!warnings[0]) throw new Error(`the forecast says ${said}, and the team was not told`);
  const page = await new ForecastRecords(store, bucket).newest();
  const [line, score] = forecastText(page!)
    .split("\n")
    .flatMap((text, index, all) => (text.startsWith("disk ") ? [text, all[index + 1]!] : []));
  return {
    forecast: line!.replaceAll(/\s+/g, " "),
    "score of earlier ones": score!.trim(),
    warned: /Disk use[^.]*/.exec(warnings[0].text)![0].slice(0, 160),
    "with the score": warnings[0].text.includes(score!.trim()),
  };
}
