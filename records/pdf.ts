import { dirname, join } from "node:path";
import pdfmake from "pdfmake";
import type { TDocumentDefinitions } from "pdfmake/interfaces";

const folder = join(dirname(require.resolve("pdfmake/package.json")), "fonts", "Roboto");
const fonts = {
  Roboto: { normal: join(folder, "Roboto-Regular.ttf"), bold: join(folder, "Roboto-Medium.ttf") },
};

/**
 * A document as PDF, with pdfmake's own fonts and nothing from elsewhere: the same content gives the same bytes.
 * @param at the only date in it: a record's, or the end of a period.
 */
export async function pdfOf(title: string, at: Date, definition: TDocumentDefinitions): Promise<Buffer> {
  pdfmake.setFonts(fonts);
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path: string) => Object.values(fonts.Roboto).includes(path));
  return pdfmake
    .createPdf({
      info: { title, creationDate: at, modDate: at, producer: "peregrine", creator: "peregrine" },
      pageSize: "A4",
      ...definition,
    })
    .getBuffer();
}

/** Digests and addresses are longer than a column: they may break at each of these marks, and every 24 characters. */
export function breakable(text: string): string {
  return text.replace(/([/:?=&])/g, "$1\u200b").replace(/[^\s\u200b-]{24}/g, "$&\u200b");
}
