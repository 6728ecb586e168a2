import type { Cloud } from "../../cloud";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import type { Table } from "../../journal";
import { page } from "../pages";

export interface Dashboard {
  readonly name: string;
  readonly arn: string;
  readonly body: string;
  readonly modifiedMs: number;
}

/** Dashboards: kept, with a check of their body's shape. */
export function dashboardOperations(cloud: Cloud, dashboards: Table<Dashboard>): Record<string, Handler> {
  return {
    PutDashboard(input) {
      const name = input["DashboardName"] as string;
      const problems = bodyProblems(input["DashboardBody"]);
      if (problems.length > 0)
        throw new AwsError("DashboardInvalidInputError", "The field DashboardBody must be a valid JSON object", 400, {
          dashboardValidationMessages: problems,
        });
      // CloudWatch is global where dashboards are concerned: their ARNs carry no Region.
      dashboards.put(name, {
        name,
        arn: `arn:aws:cloudwatch::${cloud.accountId}:dashboard/${name}`,
        body: input["DashboardBody"],
        modifiedMs: cloud.clock.nowMs(),
      });
      return { DashboardValidationMessages: [] };
    },
    GetDashboard(input) {
      const found = dashboards.get(input["DashboardName"]);
      if (!found)
        throw new AwsError("DashboardNotFoundError", `Dashboard ${input["DashboardName"]} does not exist`, 404);
      return { DashboardArn: found.arn, DashboardName: found.name, DashboardBody: found.body };
    },
    ListDashboards(input) {
      const rows = [...dashboards.values()]
        .filter((one) => one.name.startsWith(input["DashboardNamePrefix"] ?? ""))
        .sort((a, b) => a.name.localeCompare(b.name));
      const { items, next } = page(rows, input["NextToken"], 1000);
      return {
        DashboardEntries: items.map((one) => ({
          DashboardName: one.name,
          DashboardArn: one.arn,
          LastModified: new Date(one.modifiedMs),
          Size: Buffer.byteLength(one.body),
        })),
        NextToken: next,
      };
    },
    DeleteDashboards(input) {
      const names = input["DashboardNames"] as string[];
      const missing = names.filter((name) => !dashboards.has(name));
      if (missing.length > 0)
        throw new AwsError("DashboardNotFoundError", `Dashboard ${missing.join(", ")} does not exist`, 404);
      for (const name of names) dashboards.delete(name);
    },
  };
}

function bodyProblems(body: string): { DataPath: string; Message: string }[] {
  let parsed: { widgets?: unknown };
  try {
    parsed = JSON.parse(body) as { widgets?: unknown };
  } catch (error) {
    return [{ DataPath: "/", Message: (error as Error).message }];
  }
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed))
    return [{ DataPath: "/", Message: "The body is not an object" }];
  if (parsed.widgets !== undefined && !Array.isArray(parsed.widgets))
    return [{ DataPath: "/widgets", Message: "Should be a list" }];
  return ((parsed.widgets as { type?: unknown }[] | undefined) ?? []).flatMap((widget, index) =>
    typeof widget?.type === "string"
      ? []
      : [{ DataPath: `/widgets/${index}`, Message: "Should have required property 'type'" }],
  );
}
