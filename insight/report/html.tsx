import { createHash } from "node:crypto";
import type { Child } from "hono/jsx";
import { raw } from "hono/html";
import { Badge } from "../pages/badge";
import { SourceList, SourceNumbers } from "../pages/source-list";
import { style as common } from "../pages/style";
import { healthWords } from "../read-model/summary";
import type { Block, Cited, ReportDocument } from "./document";
import { healthOf } from "./verdict";

const own = `
main{max-width:1080px;margin:0 auto;padding:2rem 1.4rem 4rem}.verdict{display:flex;gap:.8rem;align-items:baseline;margin:.6rem 0 0;font-size:16px;font-weight:600}
.answers{grid-template-columns:11rem minmax(0,1fr)}.answers dt{font-weight:600;color:var(--ink)}.tiles{margin:.6rem 0 0}
td:first-child,.report td:last-child{min-width:9rem}
@media print{main{padding:0;max-width:none}.page{break-before:page}}
`;
const style = common + own;

/** Its own style, and nothing else: no script, nothing from elsewhere. */
const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; form-action 'none'`;

/** A report as a page of its own, which can be mailed, printed and read without a server. */
export function reportHtml(document: ReportDocument): string {
  return `<!doctype html>\n${String(<Page document={document} />)}\n`;
}

function Page({ document }: { document: ReportDocument }) {
  const { title, subtitle, light, lightWord, sentence, sections, sources } = document;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="referrer" content="no-referrer" />
        <title>{title}</title>
        <style>{raw(style)}</style>
      </head>
      <body>
        <main class="report">
          <h1>{title}</h1>
          <p class="lead">{subtitle}</p>
          <p class="verdict">
            <Badge health={healthOf[light]} text={`${light}: ${lightWord}`} />
            <span>{sentence}</span>
          </p>
          {sections.map(({ heading, blocks, newPage }, index) => (
            <section class={newPage ? "page" : undefined} aria-labelledby={`section-${index}`}>
              <h2 id={`section-${index}`}>{heading}</h2>
              {blocks.map((block) => (
                <Part block={block} label={`section-${index}`} />
              ))}
            </section>
          ))}
          <SourceList title="Where this is from" sources={sources} />
        </main>
      </body>
    </html>
  );
}

function Part({ block, label }: { block: Block; label: string }) {
  switch (block.kind) {
    case "text":
      return <p>{block.text}</p>;
    case "list":
      return (
        <ul>
          {block.items.map((item) => (
            <li>{item}</li>
          ))}
        </ul>
      );
    case "answers":
      return (
        <div class="card">
          <dl class="answers">
            {block.answers.map(({ question, answer }) => (
              <>
                <dt>{question}</dt>
                <dd>{answer}</dd>
              </>
            ))}
          </dl>
        </div>
      );
    case "tiles":
      return (
        <div class="tiles">
          {block.tiles.map(({ title, value, lines, health }) => (
            <section class="card tile">
              <h3>
                {title} <Badge health={health} text={healthWords[health]} />
              </h3>
              <div class="value">{told(value)}</div>
              {lines.map((line) => (
                <p>{line}</p>
              ))}
            </section>
          ))}
        </div>
      );
    case "table":
      return (
        <div class="table" tabindex={0} role="region" aria-labelledby={label}>
          <table>
            <thead>
              <tr>
                {block.columns.map((column) => (
                  <th scope="col">{column}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row) => (
                <tr>
                  {row.map((cell) => (
                    <td>{told(cell)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case "chart":
      return (
        <figure class="card">
          <figcaption>{block.title}</figcaption>
          {raw(block.svg)}
        </figure>
      );
  }
}

/** A text with the numbers of its sources. */
function told({ text, sources }: Cited): Child {
  return (
    <>
      {text}
      {sources.length > 0 && <SourceNumbers numbers={sources} />}
    </>
  );
}
