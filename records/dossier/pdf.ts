import type { Content } from "pdfmake/interfaces";
import { breakable, pdfOf } from "../pdf";
import type { DossierDocument, Row } from "./document";

/** A dossier as PDF, with pdfmake's own fonts and nothing from elsewhere. @param at the only date in it: a record's. */
export async function dossierPdf(
  { title, cover, sections, problems, gaps }: DossierDocument,
  at: Date,
): Promise<Buffer> {
  const also = (heading: string, items: readonly string[]): Content[] =>
    items.length > 0 ? [{ text: heading, style: "heading" }, { ul: items.map(breakable) }] : [];
  return pdfOf(title, at, {
    pageMargins: [48, 48, 48, 56],
    defaultStyle: { font: "Roboto", fontSize: 9, lineHeight: 1.15 },
    styles: {
      heading: { fontSize: 13, bold: true, margin: [0, 14, 0, 6] },
      evidence: { fontSize: 7, color: "#555555" },
    },
    footer: (page: number, pages: number) => ({
      text: `${title}, page ${page} of ${pages}`,
      margin: [48, 16, 48, 0],
      fontSize: 7,
    }),
    content: [
      { text: title, fontSize: 18, bold: true, margin: [0, 0, 0, 8] },
      { ul: cover.map(breakable) },
      ...also("Not as it should be", problems),
      ...sections.flatMap(({ heading, rows }): Content[] => [
        { text: heading, style: "heading" },
        {
          table: {
            headerRows: 0,
            widths: [150, "*"],
            body: rows.map((row) => [{ text: row.label, bold: true }, { stack: rowStack(row) }]),
          },
          layout: "lightHorizontalLines",
        },
      ]),
      ...also("What could not be read, so that something may be missing", gaps),
    ],
  });
}

function rowStack({ state, statements }: Row): Content[] {
  if (state === "missing") return [{ text: "missing", bold: true }];
  const said = statements.flatMap(({ text, evidence }): Content[] => [
    { text: breakable(text) },
    { text: breakable(evidence.join("; ")), style: "evidence", margin: [0, 0, 0, 3] },
  ]);
  return state === "not applicable" ? [{ text: "not applicable" }, ...said] : said;
}
