import { z } from "zod";
import { servedSchema } from "../rollout/served";
import { InvalidExperiment, read } from "./design";

const number = z.number();
const count = z.int().min(0);

/** Scores of labelled images by unit, as `tallyOf` makes it: sums over units, which add up. */
const tally = z
  .strictObject({
    clusters: count,
    values: count,
    sum: number,
    squares: number.min(0),
    sumSquares: number.min(0),
    sumSizes: number,
    sizeSquares: number.min(0),
  })
  .refine(({ clusters, values }) => values >= clusters && (clusters > 0 || values === 0), {
    message: "fewer values than clusters",
    // Where a count is none at all, that is enough to say.
    when: ({ issues }) => issues.length === 0,
  });

const arm = z.strictObject({
  /** Flights or requests that were assigned to it; flights are known later than the requests that they sent. */
  units: count,
  served: servedSchema,
  /** Of the labels that came, whenever their images did: a unit when its last label came. */
  scores: tally,
});

/** What came since the look before, or since the start; nothing is counted twice. */
export const lookSchema = z.strictObject({
  /** Service time, ISO 8601 in UTC. */
  at: z.iso.datetime(),
  /** The split that was intended all the while: a change of weights asks for a look. */
  challengerPercent: z.number().gt(0).lt(100),
  arms: z.strictObject({ champion: arm, challenger: arm }),
  /** Of a shadow: scores of the challenger less those of the champion, of the images that both answered. */
  pairs: tally.optional(),
});

const course = z.strictObject({ startedAt: z.iso.datetime(), looks: z.array(lookSchema) });

export type Look = Readonly<z.infer<typeof lookSchema>>;
/** An experiment so far. */
export type Course = Readonly<z.infer<typeof course>>;

/** Reads what was observed. @throws InvalidExperiment with all that is wrong with it, such as a clock going backwards. */
export function courseOf(input: unknown): Course {
  const { course: parsed } = read({ course }, { course: input });
  const problems = parsed.looks.flatMap(({ at }, index) => {
    const before = index === 0 ? parsed.startedAt : parsed.looks[index - 1]!.at;
    return Date.parse(at) > Date.parse(before)
      ? []
      : [`course.looks.${index}.at: ${at} is not after ${before} before it`];
  });
  if (problems.length > 0) throw new InvalidExperiment(problems);
  return parsed;
}
