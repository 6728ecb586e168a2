import type { PlatformFacts } from "../read-model/facts";

/** The same page of each environment. */
export function Tabs({ kind, facts, current }: { kind: string; facts: PlatformFacts; current: string }) {
  return (
    <ul class="tabs" aria-label="Environments">
      {facts.environments.map(({ name }) => (
        <li>
          <a href={`${kind}-${name}.html`} aria-current={name === current ? "true" : undefined}>
            {name}
          </a>
        </li>
      ))}
    </ul>
  );
}
