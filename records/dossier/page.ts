import { escapeHtml } from "../../contract/html";
import { htmlPage } from "../page";
import type { DossierDocument, Row } from "./document";

/** A dossier as a page. */
export function dossierPage({ title, cover, sections, problems, gaps }: DossierDocument): string {
  const list = (items: readonly string[]) => `<ul>${items.map((one) => `<li>${escapeHtml(one)}</li>`).join("")}</ul>`;
  const also = (heading: string, items: readonly string[]) =>
    items.length > 0 ? `<section><h2>${heading}</h2>${list(items)}</section>` : "";
  return htmlPage(
    title,
    [
      `<h1>${escapeHtml(title)}</h1>${list(cover)}`,
      also("Not as it should be", problems),
      ...sections.map(
        ({ heading, rows }) =>
          `<section><h2>${escapeHtml(heading)}</h2><table><tbody>${rows.map(rowHtml).join("\n")}</tbody></table></section>`,
      ),
      also("What could not be read, so that something may be missing", gaps),
    ].join("\n"),
  );
}

function rowHtml({ label, state, statements }: Row): string {
  const said = statements
    .map(
      ({ text, evidence }) =>
        `<p>${escapeHtml(text)}<br><span class="evidence">${escapeHtml(evidence.join("; "))}</span></p>`,
    )
    .join("");
  const body =
    state === "missing"
      ? '<span class="missing">missing</span>'
      : state === "not applicable"
        ? `not applicable${said}`
        : said;
  return `<tr><th scope="row">${escapeHtml(label)}</th><td>${body}</td></tr>`;
}
