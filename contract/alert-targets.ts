import { z } from "zod";
import { type AlertArea, alertAreas, severities, type Severity } from "./alerts";

/** Who hears about an area at a severity. */
const alertTarget = z.object({ team: z.string().min(1), topicArn: z.string().startsWith("arn:") });
export type AlertTarget = Readonly<z.infer<typeof alertTarget>>;

/** The routing table as the teller has it, in its variable `TARGETS`. */
export const alertTargets = z.record(z.enum(alertAreas), z.record(z.enum(severities), alertTarget));
export type AlertTargets = Readonly<Record<AlertArea, Readonly<Record<Severity, AlertTarget>>>>;
