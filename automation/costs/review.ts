import { Metrics } from "../../aws/cloudwatch";
import type { AnswerCache } from "../../aws/cost-explorer";
import { SageMaker } from "../../aws/sagemaker";
import { endedJobs } from "../../aws/sagemaker-jobs";
import { callerIdentity } from "../../aws/sts";
import { championVariant, challengerVariant } from "../../contract/variants";
import { detectorName, jobPrefix, project } from "../../contract/names";
import type { Bill } from "../../pricing/actual/bill";
import { billedHours, planAgainstBill } from "../../pricing/actual/compare";
import { budgetVerdict, forecastMonth } from "../../pricing/actual/forecast";
import type { CostReview } from "../../pricing/actual/review";
import { type ArmUse, per1000Images, perArm, perTraining } from "../../pricing/actual/units";
import { assumptions } from "../../pricing/assumptions";
import { Prices, priceTable } from "../../pricing/table";
import { listExperiments } from "../../records/experiment";
import { priceState } from "../check/cost";
import { UserError } from "../errors";
import { ledgerOf } from "../release/history";
import type { Environment } from "../stack/environment";
import { type Days, readBill } from "./actual";

/** Reads what an environment was to cost and what it did. @param days the month until now where they are left out. */
export async function readReview(
  environment: Environment,
  days: Partial<Days>,
  cache?: AnswerCache,
): Promise<CostReview> {
  const { name, session, settings } = environment;
  const [{ at }, { bill, paidRequests, cachedAnswers, requestsUsd }] = await Promise.all([
    callerIdentity(session),
    readBill(session, [name], days, cache),
  ]);
  const now = at.toISOString();
  const window = { start: new Date(bill.from), end: new Date(Math.min(Date.parse(bill.to), at.getTime())) };
  const [price, images, jobs, experiment] = await Promise.all([
    priceOf(environment),
    imagesOf(environment, window),
    jobsOf(environment, window.start),
    experimentOf(environment, bill, window),
  ]);
  const monthlyUsd = "unknown" in price ? undefined : price.monthlyUsd;
  const forecast = forecastMonth(bill.lines, now, monthlyUsd, budgetOf(settings));
  return {
    ...{ project, environment: name, at: now, bill, forecast, experiment },
    plan: "unknown" in price ? price : planAgainstBill(name, price, bill.lines, billedHours(bill.lines, bill.to, now)),
    requests: { paidRequests, cachedAnswers, requestsUsd },
    budget: budgetVerdict(forecast),
    per1000Images: per1000Images(bill.lines, images),
    trainings: perTraining(bill.lines, jobs),
  };
}

/** Of the environment's settings; undefined where it has none. */
function budgetOf(settings: Environment["settings"]): number | undefined {
  const usd = Number(settings["monthlyBudgetUsd"]);
  return Number.isFinite(usd) && usd > 0 ? usd : undefined;
}

interface Window {
  readonly start: Date;
  readonly end: Date;
}

async function priceOf(environment: Environment) {
  try {
    return (await priceState(environment, assumptions())).price;
  } catch (error) {
    if (error instanceof UserError) return { unknown: error.message.split("\n")[0]! };
    throw error;
  }
}

/** Images that the endpoint answered, by its variants that are there now; undefined where it is not up. */
async function imagesOf({ name, session }: Environment, window: Window): Promise<number | undefined> {
  const endpoint = await new SageMaker(session).describeEndpoint(detectorName(name));
  if (!endpoint) return undefined;
  const each = await Promise.all(
    (endpoint.ProductionVariants ?? []).map(({ VariantName }) =>
      sumOf(session, "AWS/SageMaker", "Invocations", "Sum", detectorName(name), VariantName!, window),
    ),
  );
  return each.reduce((sum, one) => sum + one, 0);
}

/** Hours, so that one request reads more than two months. */
const periodSeconds = 3600;

async function sumOf(
  session: Environment["session"],
  namespace: string,
  metric: string,
  statistic: string,
  EndpointName: string,
  VariantName: string,
  { start, end }: Window,
): Promise<number> {
  const dimensions = { EndpointName, VariantName };
  const values = await new Metrics(session).values(
    { namespace, name: metric, statistic, periodSeconds, dimensions },
    start,
    end,
  );
  return values.reduce((sum, value) => sum + value, 0);
}

async function jobsOf({ name, session }: Environment, since: Date) {
  const prices = new Prices(priceTable, session.region);
  const jobs = await endedJobs(session, jobPrefix(name, ""), since);
  return jobs.map(({ kind, name: job, instanceType, instances, hours }) => {
    const hourly = prices.known(`sagemaker.${kind}.${instanceType}`);
    return { name: job, kind, listUsd: hourly === undefined ? undefined : hourly * instances * hours };
  });
}

/** The newest experiment of the bill's time, with what its arms used: each instance tells its load once a minute. */
async function experimentOf(environment: Environment, bill: Bill, window: Window): Promise<CostReview["experiment"]> {
  const { name, session } = environment;
  const outputs = await environment.outputs().catch(() => undefined);
  if (!outputs) return undefined;
  const all = await listExperiments(ledgerOf(environment, outputs), name);
  const newest = all.filter(({ started }) => started && Date.parse(started.at) >= window.start.getTime()).at(-1);
  if (!newest?.started) return undefined;
  const start = new Date(newest.started.at);
  const end = new Date(Math.min(window.end.getTime(), Date.parse(newest.ended?.at ?? window.end.toISOString())));
  const arms = await Promise.all(
    [championVariant, challengerVariant].map(async (arm): Promise<ArmUse> => {
      const [samples, requests] = await Promise.all([
        sumOf(session, "/aws/sagemaker/Endpoints", "CPUUtilization", "SampleCount", detectorName(name), arm, {
          start,
          end,
        }),
        sumOf(session, "AWS/SageMaker", "Invocations", "Sum", detectorName(name), arm, { start, end }),
      ]);
      return { arm, instanceHours: samples / 60, requests };
    }),
  );
  const [first, last] = [start, end].map((date) => date.toISOString().slice(0, 10)) as [string, string];
  const lines = bill.lines.filter(({ day }) => day >= first && day <= last);
  return { id: newest.id, arms: perArm(lines, arms) };
}
