import { oneOf, type Values } from "./setting";

export const reportSettings = {
  report: oneOf(["off", "weekly", "monthly"], {
    meaning:
      "How often the environment's executive report is made and sent to who hears of the platform for information: off, weekly (Monday, 06:00 UTC), monthly (on the first, 06:00 UTC).",
    default: "off",
  }),
};

export interface ReportSettings {
  readonly schedule: Values<typeof reportSettings>["report"];
}

export function reportsOf({ report }: Values<typeof reportSettings>): ReportSettings {
  return { schedule: report };
}
