import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { parts } from "../../scripts/bench/figures";
import { program } from "../../scripts/cli";
import { generatedPages } from "../../scripts/docs/pages";
import { oneSentenceALine } from "../../scripts/docs/sentences";
import { scripts as npmScripts, dependencies, devDependencies } from "../../package.json";

const project = resolve(__dirname, "../..");
const pagesIn = (folder: string) =>
  readdirSync(join(project, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);
const pages = ["README.md", "CONTRIBUTING.md", ...pagesIn("docs"), ...pagesIn("docs/runbooks")];
const everyPage = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], {
  cwd: project,
  encoding: "utf8",
})
  .split("\n")
  .filter(Boolean);
const text = (page: string) => readFileSync(join(project, page), "utf8");

describe("documentation", () => {
  for (const page of pages) {
    it(`${page} links only to what exists`, () => {
      const links = [...text(page).matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
        .map((match) => match[1]!)
        .filter((link) => !/^[a-z]+:/.test(link));
      const broken = links.filter((link) => !existsSync(join(project, dirname(page), link)));
      assert.deepEqual(broken, []);
    });

    it(`${page} links only to headings that exist`, () => {
      const links = [...text(page).matchAll(/\]\(([^)#\s]*)#([^)\s]+)\)/g)].filter(
        ([, link]) => !/^[a-z]+:/.test(link!),
      );
      const broken = links.filter(
        ([, link, heading]) => !headings(link ? join(dirname(page), link) : page).includes(heading!),
      );
      assert.deepEqual(
        broken.map(([all]) => all),
        [],
      );
    });

    it(`${page} names only commands and options that exist`, async () => {
      const lines = text(page).split("\n");
      const calls = lines.flatMap((line) =>
        [...line.matchAll(/npx peregrine ([a-z][^`#)|"']*)/g)].map((match) => match[1]!.trim().split(/\s+/)),
      );
      const tree = await program();
      for (const words of calls) checkCall(tree, words);
      const scripts = lines.flatMap((line) => [...line.matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1]!));
      assert.deepEqual(
        scripts.filter((name) => !(name in npmScripts)),
        [],
      );
      const benches = lines.flatMap((line) =>
        [...line.matchAll(/npm run bench -- ([^`]*)/g)].map((match) => match[1]!.trim()),
      );
      assert.deepEqual(
        benches.filter((options) => !Object.keys(parts).includes(/^--only (\w+)$/.exec(options)?.[1] ?? "")),
        [],
      );
    });
  }

  for (const page of everyPage)
    it(`${page} has one sentence a line`, () => {
      assert.equal(text(page), oneSentenceALine(text(page)));
    });

  for (const [page, generated] of Object.entries(generatedPages()))
    it(`${page} is what \`npm run docs\` makes of the code as it is`, () => {
      assert.equal(text(page), generated);
    });

  it("gives a reason for every package", () => {
    const reasons = text("docs/dependencies.md");
    const missing = Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !reasons.includes(`\`${name}\``),
    );
    assert.deepEqual(missing, []);
  });
});

/** Headings of a page as GitHub makes anchors of them. */
function headings(page: string): string[] {
  return [...text(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Follows the words through the command tree and checks each option against the command it belongs to. */
function checkCall(command: Command, words: readonly string[]): void {
  let at = command;
  for (const word of words) {
    const sub = at.commands.find((one) => one.name() === word);
    if (sub) at = sub;
    else if (word.startsWith("-"))
      assert(
        ["--help", ...at.options.flatMap((one) => [one.long, one.short])].includes(word.split("=")[0]!),
        `${at.name()} has no ${word} (in "${words.join(" ")}")`,
      );
    else assert(at.registeredArguments.length > 0 || at !== command, `peregrine has no command ${word}`);
  }
}
