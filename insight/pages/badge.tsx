import type { Health } from "../read-model/summary";

const marks: Readonly<Record<Health, string>> = { good: "✓", watch: "!", bad: "✗", unknown: "–" };

/** A word with a mark and a colour: the word says it alone. */
export function Badge({ health, text }: { health: Health; text: string }) {
  return (
    <span class={`badge ${health}`}>
      <span aria-hidden="true">{marks[health]} </span>
      {text}
    </span>
  );
}
