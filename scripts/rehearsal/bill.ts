import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readBill } from "../../automation/costs/actual";
import { activateTags } from "../../automation/costs/tags";
import { endedJobs } from "../../aws/sagemaker-jobs";
import { callerIdentity } from "../../aws/sts";
import { jobPrefix } from "../../contract/names";
import { billText } from "../../insight/actual-cost";
import { sharesBy, total } from "../../pricing/actual/bill";
import { Prices, priceTable } from "../../pricing/table";
import type { OnProgress, Rehearsal } from "./rehearsal";
import type { Facts } from "./summary";

const dayMs = 86_400_000;
/** Cloud days that a rehearsal lasts at most: its bill may begin in the month before. */
const longestDays = 3;
/** How far the bill may be from usage times price. */
const tolerance = 0.01;

/** Has costs told apart by the project's tags, from the first resources on. */
export async function tellCostsApart({ environments: { dev } }: Rehearsal): Promise<Facts> {
  const tags = await activateTags(dev.session);
  return { "cost tags": tags.filter(({ state }) => state === "active").length };
}

/**
 * The bill so far, by the project's tags. What it says of trainings is compared with what each job says of itself: its
 * instances, the seconds that are billed, and the price table.
 * @throws Error where they differ by more than 1 %.
 */
export async function billSoFar({ environments, reportDir }: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { dev } = environments;
  const { at } = await callerIdentity(dev.session);
  const since = new Date(at.getTime() - longestDays * dayMs);
  onProgress("reading the bill and what jobs say of themselves");
  const [{ bill, ...requests }, jobs] = await Promise.all([
    readBill(dev.session, Object.keys(environments), { from: since.toISOString().slice(0, 10) }),
    endedJobs(dev.session, jobPrefix("dev", ""), since),
  ]);
  await writeFile(join(reportDir, "bill.txt"), billText(bill, requests, "phase"));
  const prices = new Prices(priceTable, dev.session.region);
  const used = jobs
    .filter(({ kind }) => kind === "training")
    .map(({ instanceType, instances, hours }) => instances * hours * prices.usd(`sagemaker.training.${instanceType}`));
  const expected = used.reduce((sum, usd) => sum + usd, 0);
  const billed = total(
    bill.lines.filter(({ environment, usageType }) => environment === "dev" && /-Train:/.test(usageType)),
  );
  if (expected === 0 || Math.abs(billed / expected - 1) > tolerance)
    throw new Error(`trainings were billed ${billed} USD, and used ${expected} USD by their hours`);
  const environmentUsd = sharesBy(bill.lines, ({ environment }) => environment);
  return {
    "paid, USD": cents(total(bill.lines)),
    ...Object.fromEntries(environmentUsd.map(({ name, usd }) => [`paid in ${name}, USD`, cents(usd)])),
    "trainings billed, USD": cents(billed),
    "trainings by their hours, USD": cents(expected),
    "asked Cost Explorer for, USD": cents(requests.requestsUsd),
    page: "bill.txt",
  };
}

const cents = (usd: number): number => Number(usd.toFixed(2));
