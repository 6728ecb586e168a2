import { strict as assert } from "node:assert";
import { oneSentenceALine } from "../../../scripts/docs/sentences";

const lines = (...text: string[]) => text.join("\n");

describe("one sentence a line", () => {
  it("joins what was wrapped and breaks behind each sentence, in paragraphs and in list items", () => {
    assert.equal(
      oneSentenceALine(
        lines("One sentence", "over two lines. Another. `code` starts one.", "", "1. In a", "   list. And on."),
      ),
      lines("One sentence over two lines.", "Another.", "`code` starts one.", "", "1. In a list.", "   And on."),
    );
  });

  it("breaks neither code, nor link targets, nor abbreviations, nor version numbers", () => {
    const text = "See `a. B` and [page](x. Y), e.g. Pulumi 3.248.0, which ... Nothing else.";
    assert.equal(oneSentenceALine(text), text.replace("... N", "...\nN"));
  });

  it("leaves tables, headings and code blocks as they are", () => {
    const text = lines("# A. B", "", "| a. B | c. D |", "|---|---|", "", "```sh", "echo one. Two", "```", "");
    assert.equal(oneSentenceALine(text), text);
  });

  it("begins no line that Markdown would take for a list", () => {
    const text = "It ends with a number: 3. 4. And so on.";
    assert.doesNotMatch(oneSentenceALine(text), /^\d\. /m);
  });
});
