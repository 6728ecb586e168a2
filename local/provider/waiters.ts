import type { Members } from "../members";
import { isGone, ProviderFailure } from "./failures";
import { describe } from "./operations";
import type { Context, ResourceType } from "./resource-type";

/** Shortest and longest pause between two looks, in real milliseconds. */
const shortestPauseMs = 40;
const longestPauseMs = 500;

/**
 * Real time a wait lasts at least: with a fast clock an hour of cloud time may pass before a process has started.
 */
const minRealMs = 10 * 60_000;

/**
 * Waits until the resource has a wanted status. As the real provider does, it looks at the status only: an endpoint
 * that rolled back to its former configuration is `InService` and counts as updated (terraform-provider-aws #48997).
 * @returns the last answer of the read operation.
 * @throws ProviderFailure when it failed or took too long.
 */
export async function waitFor(doing: string, type: ResourceType, context: Context): Promise<Members> {
  const wait = type.wait!;
  const giveUp = deadline(context, wait.timeoutMinutes);
  for (let pause = shortestPauseMs; ; pause = Math.min(pause * 1.5, longestPauseMs)) {
    const answer = (await describe(type, context)) ?? {};
    const status = String(answer[wait.member]);
    if (wait.until.includes(status)) return answer;
    if (wait.failed.includes(status)) {
      const reason = wait.reason ? answer[wait.reason] : undefined;
      throw new ProviderFailure(
        `waiting for ${type.title} (${context.id}) ${doing === "creating" ? "create" : "update"}: unexpected state '${status}', wanted target '${wait.until.join(", ")}'. last error: ${reason ?? "none given"}`,
      );
    }
    if (giveUp())
      throw new ProviderFailure(
        `waiting for ${type.title} (${context.id}): timeout while waiting for state to become '${wait.until.join(", ")}' (last state: '${status}', timeout: ${wait.timeoutMinutes}m0s)`,
      );
    await context.session.pause(pause);
  }
}

/** Waits until the read operation says that the resource is not there. */
export async function waitUntilGone(type: ResourceType, context: Context): Promise<void> {
  const giveUp = deadline(context, type.waitDeleted!.timeoutMinutes);
  for (let pause = shortestPauseMs; ; pause = Math.min(pause * 1.5, longestPauseMs)) {
    try {
      if (!(await describe(type, context))) return;
    } catch (error) {
      if (isGone((error as ProviderFailure).cause)) return;
      throw error;
    }
    if (giveUp())
      throw new ProviderFailure(
        `deleting ${type.title} (${context.id}): it is still there after ${type.waitDeleted!.timeoutMinutes} minutes`,
      );
    await context.session.pause(pause);
  }
}

function deadline(context: Context, minutes: number): () => boolean {
  const { clock } = context.session.cloud;
  const cloudEnd = clock.nowMs() + minutes * 60_000;
  const realEnd = Date.now() + minRealMs;
  return () => clock.nowMs() > cloudEnd && Date.now() > realEnd;
}
