/** A list item's marker with what stands before it, and the text behind it. */
const listItem = /^(\s*)([-*+]|\d+[.)])(\s+)(?=\S)/;

/** Lines that are no prose: headings, table rows, quotes, HTML, link definitions, rules. */
const apart = /^\s*(#{1,6}\s|\||>|<[!/a-z]|\[[^\]]+\]:\s|(?:[-*_]\s*){3,}$)/;

/** Words whose full stop ends no sentence. */
const abbreviation = /(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|No)\.$/;

/**
 * Markdown with one sentence a line in paragraphs and list items; tables, code and headings stay as they are. The
 * rendered text is the same: a line's end and a space mean the same to Markdown. A difference between two versions then
 * shows sentences.
 */
export function oneSentenceALine(markdown: string): string {
  const out: string[] = [];
  let block: { head: string; indent: string; words: string[] } | undefined;
  const flush = (): void => {
    if (!block) return;
    const { head, indent, words } = block;
    out.push(...sentences(words.join(" ")).map((sentence, index) => (index === 0 ? head : indent) + sentence));
    block = undefined;
  };
  let fence: string | undefined;
  for (const line of markdown.split("\n")) {
    const mark = /^\s*(```|~~~)/.exec(line)?.[1];
    if (fence !== undefined || mark !== undefined) {
      flush();
      out.push(line);
      if (fence === undefined) fence = mark;
      else if (mark === fence) fence = undefined;
      continue;
    }
    if (line.trim() === "" || apart.test(line)) {
      flush();
      out.push(line);
      continue;
    }
    const item = listItem.exec(line);
    if (item) {
      flush();
      block = { head: item[0], indent: " ".repeat(item[0].length), words: [line.slice(item[0].length).trim()] };
    } else if (block) block.words.push(line.trim());
    else {
      const indent = /^\s*/.exec(line)![0];
      block = { head: indent, indent, words: [line.trim()] };
    }
  }
  flush();
  return out.join("\n");
}

/**
 * The sentences of a text. Code spans and link targets are never broken, nor is a line begun that Markdown would take
 * for a list.
 */
function sentences(text: string): string[] {
  const code = [...text.matchAll(/(`+)(?:(?!\1).)+\1|\]\([^)]*\)/g)].map((span) => [
    span.index,
    span.index + span[0].length,
  ]);
  const found: string[] = [];
  let start = 0;
  for (const end of text.matchAll(/[.!?…]["'”’)\]*_]*(\s+)(?=["'“‘(*_`]*(?:[\p{Lu}\d`]|\[))/gu)) {
    const at = end.index + end[0].length;
    const before = text.slice(start, end.index + 1);
    const inside = code.some(([from, to]) => from! <= end.index && end.index < to!);
    if (inside || abbreviation.test(before) || listItem.test(text.slice(at)) || before.endsWith("…")) continue;
    found.push(text.slice(start, at).trim());
    start = at;
  }
  return [...found, text.slice(start)];
}
