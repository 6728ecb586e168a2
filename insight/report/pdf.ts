import type { Content, CustomTableLayout, TableCell } from "pdfmake/interfaces";
import { breakable, pdfOf } from "../../records/pdf";
import { type Health, healthWords } from "../read-model/summary";
import type { Block, Cited, ReportDocument } from "./document";
import { healthOf } from "./verdict";

/** Colours of the style sheet's light form, which paper is. */
const colours: Readonly<Record<string, string>> = {
  "--line-1": "#0b57a4",
  "--line-2": "#b4530a",
  "--line-3": "#5b6b7b",
  "--warn": "#835400",
  "--soft": "#55636f",
  "--line": "#dfe4e9",
};
const soft = "#55636f";
const healthColours: Readonly<Record<Health, string>> = {
  good: "#146c3c",
  watch: "#835400",
  bad: "#a8231c",
  unknown: "#55636f",
};

/** A report as PDF: two pages, and an appendix. */
export function reportPdf(document: ReportDocument): Promise<Buffer> {
  const { title, subtitle, light, lightWord, sentence, sections, sources, at } = document;
  return pdfOf(title, new Date(at), {
    pageMargins: [36, 34, 36, 40],
    defaultStyle: { font: "Roboto", fontSize: 7.6, lineHeight: 1.12 },
    styles: {
      heading: { fontSize: 10, bold: true, margin: [0, 8, 0, 3] },
      head: { bold: true, color: soft, fontSize: 7 },
    },
    footer: (page: number, pages: number) => ({
      text: `${title}, page ${page} of ${pages}`,
      margin: [36, 14, 36, 0],
      fontSize: 6.5,
      color: soft,
    }),
    content: [
      { text: title, fontSize: 15, bold: true },
      { text: subtitle, color: soft, margin: [0, 1, 0, 5] },
      {
        table: {
          widths: ["auto", "*"],
          body: [
            [
              {
                text: `${light}: ${lightWord}`,
                bold: true,
                color: "#ffffff",
                fillColor: healthColours[healthOf[light]],
                margin: [4, 2, 4, 2],
              },
              { text: sentence, bold: true, fontSize: 9, margin: [4, 1, 0, 1] },
            ],
          ],
        },
        layout: "noBorders",
      },
      ...sections.flatMap(({ heading, blocks, newPage }): Content[] => [
        { text: heading, style: "heading", ...(newPage ? { pageBreak: "before" as const } : {}) },
        ...blocks.map(contentOf),
      ]),
      { text: "Where this is from", style: "heading" },
      {
        ol: sources.map(({ what, command }) => ({ text: breakable(command ? `${what}: ${command}` : what) })),
        fontSize: 6.5,
        color: soft,
      },
    ],
  });
}

/** Thin lines between rows, and none beside columns. */
const lines: CustomTableLayout = {
  hLineWidth: (line) => (line === 0 ? 0 : 0.5),
  vLineWidth: () => 0,
  hLineColor: () => "#dfe4e9",
  paddingLeft: () => 0,
  paddingRight: () => 5,
  paddingTop: () => 2,
  paddingBottom: () => 2,
};

function contentOf(block: Block): Content {
  switch (block.kind) {
    case "text":
      return { text: breakable(block.text), margin: [0, 2, 0, 2] };
    case "list":
      return { ul: block.items.map((item) => ({ text: breakable(item) })) };
    case "answers":
      return {
        table: {
          widths: [92, "*"],
          body: block.answers.map(({ question, answer }): TableCell[] => [
            { text: question, bold: true },
            { text: breakable(answer) },
          ]),
        },
        layout: lines,
      };
    case "tiles":
      return {
        columns: block.tiles.map(({ title, value, lines, health }): Content => {
          return {
            stack: [
              {
                text: [
                  { text: title, bold: true },
                  { text: `  ${healthWords[health]}`, color: healthColours[health], bold: true },
                ],
              },
              { text: cited(value), fontSize: 10, bold: true, margin: [0, 1, 0, 1] },
              ...lines.map((line) => ({ text: line, color: soft, fontSize: 6.8 })),
            ],
          };
        }),
        columnGap: 10,
      };
    case "table":
      return {
        table: {
          headerRows: 1,
          dontBreakRows: true,
          widths: block.widths.map((share) => `${share}%`),
          body: [
            block.columns.map((column): TableCell => ({ text: column, style: "head" })),
            ...block.rows.map((row) => row.map((cell): TableCell => ({ text: cited(cell) }))),
          ],
        },
        layout: lines,
      };
    case "chart":
      return {
        stack: [
          { text: block.title, bold: true, margin: [0, 4, 0, 0] },
          { svg: onPaper(block.svg), width: 400 },
        ],
      };
  }
}

function cited({ text, sources }: Cited): Content {
  if (sources.length === 0) return breakable(text);
  return [breakable(text), { text: ` [${sources.join(", ")}]`, color: soft, fontSize: 6 }] as unknown as Content;
}

/** A chart without the style sheet's names, which mean nothing in a PDF. */
function onPaper(svg: string): string {
  return svg
    .replace(/var\((--[\w-]+)\)/g, (whole, name: string) => colours[name] ?? whole)
    .replace(/font-family="[^"]*"/g, 'font-family="Roboto"');
}
