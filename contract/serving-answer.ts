import { z } from "zod";

/**
 * The part of a detector's answer that every client relies on; see ml/README.md. Whether its numbers make sense is
 * another question (`lifecycle/golden-verdict.ts`).
 */
export const servingAnswer = z.object({
  image: z.object({ w: z.number().int().positive(), h: z.number().int().positive() }),
  detections: z.array(
    z.object({
      name: z.string(),
      confidence: z.number(),
      box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    }),
  ),
  model: z.object({ sha256: z.string() }),
});
export type ServingAnswer = Readonly<z.infer<typeof servingAnswer>>;
