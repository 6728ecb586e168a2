import { join } from "node:path";
import { readBill } from "../../automation/costs/actual";
import { AnswerFiles, keptHours } from "../../automation/costs/answer-cache";
import { UserError } from "../../automation/errors";
import { isDenied } from "../../aws/session";
import type { Environment } from "../../automation/stack/environment";
import { mayNot, type PlatformFacts } from "../../insight/read-model/facts";
import { projectDir } from "../project";

/** The bill of this month, as the dashboard shows it; why it is not known where it is not. */
export async function billOfMonth(opened: readonly Environment[]): Promise<NonNullable<PlatformFacts["bill"]>> {
  const [first] = opened;
  if (!first) return { unread: "no environment was asked for" };
  const names = opened.map(({ name }) => name);
  try {
    const answers = new AnswerFiles(join(projectDir, ".peregrine", "costs"), keptHours);
    const { bill } = await readBill(first.session, names, {}, answers);
    if (bill.inactiveTags.length > 0)
      return { unread: `the tags ${bill.inactiveTags.join(", ")} are not activated, so the bill cannot be told apart` };
    const what = `Cost Explorer GetCostAndUsage from ${bill.from} until before ${bill.to}`;
    return {
      value: bill,
      evidence: { what, command: `npx peregrine cost actual --from ${bill.from} --to ${bill.to}` },
    };
  } catch (error) {
    if (error instanceof UserError) return { unread: isDenied(error.cause) ? mayNot : error.message };
    return { unread: String(error).split("\n")[0]! };
  }
}
