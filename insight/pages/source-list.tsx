import type { Child } from "hono/jsx";

interface Source {
  readonly what: string;
  readonly command?: string | undefined;
}

/** Where the numbers of a page are from, at its end: each place has the number by which it is cited. */
export function SourceList({
  title,
  sources,
  children,
}: {
  title: string;
  sources: readonly Source[];
  children?: Child;
}) {
  return (
    <section class="sources" aria-labelledby="sources-title">
      <h2 id="sources-title">{title}</h2>
      {children}
      <ol>
        {sources.map(({ what, command }, index) => (
          <li id={`source-${index + 1}`}>
            {what}
            {command && (
              <>
                {": "}
                <code>{command}</code>
              </>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Leads to places of that list. */
export function SourceNumbers({ numbers }: { numbers: readonly number[] }) {
  return (
    <sup>
      {numbers.map((number) => (
        <a href={`#source-${number}`} aria-label={`source ${number}`}>
          {number}
        </a>
      ))}
    </sup>
  );
}
