import { isDenied } from "../../aws/session";

/** `warning`: nothing stops because of it today. */
export type Level = "ok" | "warning" | "failed";

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  readonly level: Level;
  /** What was found, as a sentence. */
  readonly text: string;
  /** What to do about it; empty when all is well. */
  readonly cure: string;
}

export type Found = Omit<Finding, "name">;
export type Look = () => Promise<Found> | Found;

export const ok = (text: string): Found => ({ level: "ok", text, cure: "" });
export const warning = (text: string, cure: string): Found => ({ level: "warning", text, cure });
export const failed = (text: string, cure: string): Found => ({ level: "failed", text, cure });

/** Looks. A look that itself fails is a finding; one that the caller is not allowed is a warning, since nobody knows then. */
export async function look(
  name: string,
  one: Look,
  cure = "See the error; the roles and what they may do are in infra/identity.",
): Promise<Finding> {
  try {
    return { name, ...(await one()) };
  } catch (error) {
    const { message, next } = error as Error & { next?: string };
    if (isDenied(error))
      return {
        name,
        ...warning(`you may not look: ${message}`, "Ask somebody who may, or look with another profile."),
      };
    return { name, ...failed(message, next ?? cure) };
  }
}

/** The worst of several findings as one, with all that is not well; `well` when everything is. */
export function together(found: readonly Found[], well: string): Found {
  const bad = found.filter(({ level }) => level !== "ok");
  if (bad.length === 0) return ok(well);
  const text = bad.map((one) => one.text).join("; ");
  const cure = [...new Set(bad.map((one) => one.cure))].join("\n");
  return bad.some(({ level }) => level === "failed") ? failed(text, cure) : warning(text, cure);
}
