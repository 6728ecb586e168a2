import { createHash } from "node:crypto";
import { raw } from "hono/html";
import { day } from "../read-model/summary";
import type { PlatformFacts } from "../read-model/facts";
import type { Page } from "./page";
import { SourceList } from "./source-list";
import { script } from "./script";
import { style } from "./style";

/** A place in the navigation. */
export interface NavLink {
  readonly page: string;
  readonly text: string;
  /** Heading above it, where it begins a group. */
  readonly group?: string;
}

const digest = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** What a page may load and run: its own style and its own script, known by their digests, and nothing else. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src ${digest(style)}`,
  `script-src ${digest(script)}`,
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const icon = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 18 18"><path d="M1 3 9 8l8-5-5 8-3 5-3-5z" fill="#3b82c4"/></svg>')}`;

interface LayoutProps {
  readonly page: Page;
  readonly nav: readonly NavLink[];
  readonly facts: PlatformFacts;
  /** Whether it is served and shows what is new, or is a file that stays as it is. */
  readonly live: boolean;
}

/** A whole page as HTML. */
export function pageHtml(props: LayoutProps): string {
  // First what the page says: only then it is known which places it is from.
  const body = String(<>{props.page.body}</>);
  return `<!doctype html>\n${String(<Layout {...props} body={body} />)}\n`;
}

function Layout({ page, nav, facts, live, body }: LayoutProps & { body: string }) {
  const sources = page.sources.list;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content={contentSecurityPolicy} />
        <meta name="referrer" content="no-referrer" />
        <link rel="icon" href={icon} />
        <title>{`${page.title} · Peregrine`}</title>
        <style>{raw(style)}</style>
      </head>
      <body>
        <a class="skip" href="#content">
          To the content
        </a>
        <div class="frame">
          <header>
            <a class="brand" href="index.html">
              <svg viewBox="0 0 18 18" aria-hidden="true">
                <path d="M1 3 9 8l8-5-5 8-3 5-3-5z" fill="var(--accent)" />
              </svg>
              Peregrine
            </a>
            <Navigation nav={nav} current={page.name} />
          </header>
          <main id="content" tabindex={-1}>
            {raw(body)}
            <SourceList title="Where these numbers are from" sources={sources}>
              <p>
                Read {day(facts.readAt)}, by the cloud's clock; metrics from {day(facts.window.start)} on, in periods of{" "}
                {facts.window.periodSeconds} s. All times are UTC.
              </p>
            </SourceList>
          </main>
        </div>
        {live && (
          <div class="live" role="status" data-live={facts.readAt}>
            Live, read {day(facts.readAt)}
          </div>
        )}
        <script>{raw(script)}</script>
      </body>
    </html>
  );
}

function Navigation({ nav, current }: { nav: readonly NavLink[]; current: string }) {
  const groups: { group: string; links: NavLink[] }[] = [];
  for (const link of nav) {
    if (link.group !== undefined || groups.length === 0) groups.push({ group: link.group ?? "", links: [] });
    groups.at(-1)!.links.push(link);
  }
  return (
    <nav aria-label="Pages">
      {groups.map(({ group, links }) => (
        <>
          {group && <p>{group}</p>}
          <ul>
            {links.map(({ page, text }) => (
              <li>
                <a href={`${page}.html`} aria-current={page === current ? "page" : undefined}>
                  {text}
                </a>
              </li>
            ))}
          </ul>
        </>
      ))}
    </nav>
  );
}
