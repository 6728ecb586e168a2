import { z } from "zod";
import type { Usual } from "../../lifecycle/label-selection";

/** Model Monitor's statistics (SageMaker developer guide, "Schema for statistics"), as far as they are read. */
const statistics = z.object({
  features: z.array(
    z.object({
      name: z.string(),
      numerical_statistics: z.object({ mean: z.number(), std_dev: z.number() }).optional(),
    }),
  ),
});

/** How features are in a baseline. @returns undefined where the text is none, or knows no number. */
export function usualFromStatistics(text: string): Record<string, Usual> | undefined {
  const parsed = statistics.safeParse(safely(text));
  if (!parsed.success) return undefined;
  const known = parsed.data.features.flatMap(({ name, numerical_statistics: numbers }) =>
    numbers && numbers.std_dev > 0 ? [[name, { centre: numbers.mean, spread: numbers.std_dev }] as const] : [],
  );
  return known.length > 0 ? Object.fromEntries(known) : undefined;
}

function safely(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
