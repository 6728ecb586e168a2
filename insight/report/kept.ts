import { z } from "zod";
import { documentSchema } from "../../contract/documents";
import { reportKinds } from "../../contract/report";

/** What the next report reads of a report that was kept. */
export const keptReport = z.object({
  schema: z.literal(documentSchema.report),
  id: z.string(),
  period: z.object({ kind: z.enum(reportKinds), start: z.iso.datetime(), end: z.iso.datetime() }),
  verdict: z.object({ light: z.enum(["green", "amber", "red", "grey"]), sentence: z.string() }),
  /** Numbers by their tile, where they were known. */
  numbers: z.record(z.string(), z.number()),
  /** Versions that served, by environment. */
  serving: z.record(z.string(), z.string()),
  missed: z.array(z.object({ id: z.string(), title: z.string(), environment: z.string() })),
  recommendations: z.array(
    z.object({
      id: z.string(),
      rule: z.string(),
      environment: z.string(),
      action: z.string(),
      owner: z.string(),
      /** ISO 8601 dates: when it was said first, and when it is due. */
      since: z.string(),
      due: z.string(),
      /** What served when it was said. */
      serving: z.string().optional(),
    }),
  ),
});
export type KeptReport = Readonly<z.infer<typeof keptReport>>;
