import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import AdmZip from "adm-zip";
import { ProviderFailure } from "./failures";
import { archiveMark, assetMark, isObject, signature, type Properties, type Value } from "./values";

/** Earliest time a ZIP can hold; the same for all entries, so that the same files give the same bytes. */
const zipTime = new Date(1980, 0, 1);

/** Bytes of an object's `source`, `content` or `contentBase64`. */
export function assetBytes(inputs: Properties): Buffer {
  if (typeof inputs.content === "string") return Buffer.from(inputs.content);
  if (typeof inputs.contentBase64 === "string") return Buffer.from(inputs.contentBase64, "base64");
  if (inputs.source === undefined || inputs.source === null) return Buffer.alloc(0);
  return isArchive(inputs.source) ? archiveZip(inputs.source) : oneAsset(inputs.source);
}

/** A ZIP of an archive as the Pulumi SDK sends it: a map of assets and archives, a folder or a file. */
export function archiveZip(value: Value): Buffer {
  if (isObject(value) && typeof value.path === "string" && !isObject(value.assets)) {
    const path = located(value.path);
    if (!statSync(path).isDirectory()) return readFileSync(path);
  }
  const zip = new AdmZip();
  const entries = [...archiveEntries(value, "")].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, bytes] of entries) {
    zip.addFile(name, bytes, "", 0o644);
    const entry = zip.getEntry(name);
    if (entry) entry.header.time = zipTime;
  }
  return zip.toBuffer();
}

function* archiveEntries(value: Value, prefix: string): Generator<[string, Buffer]> {
  if (!isObject(value)) throw new ProviderFailure("an archive was expected");
  if (isObject(value.assets)) {
    for (const [name, held] of Object.entries(value.assets)) {
      const path = prefix + name;
      if (isArchive(held)) yield* archiveEntries(held, `${path}/`);
      else yield [path, oneAsset(held)];
    }
    return;
  }
  if (typeof value.path !== "string")
    throw new ProviderFailure(`an archive at a URL (${String(value.uri)}) cannot be fetched: use a file or a folder`);
  const root = located(value.path);
  if (statSync(root).isDirectory()) {
    for (const file of files(root)) yield [prefix + relative(root, file), readFileSync(file)];
  } else {
    for (const entry of new AdmZip(root).getEntries())
      if (!entry.isDirectory) yield [prefix + entry.entryName, entry.getData()];
  }
}

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

function oneAsset(value: Value): Buffer {
  if (!isObject(value) || value[signature] !== assetMark) throw new ProviderFailure("an asset was expected");
  if (typeof value.text === "string") return Buffer.from(value.text);
  if (typeof value.path === "string") return readFileSync(located(value.path));
  throw new ProviderFailure(`an asset at a URL (${String(value.uri)}) cannot be fetched: use a file or a text`);
}

const isArchive = (value: Value): boolean => isObject(value) && value[signature] === archiveMark;

/** The engine hands paths over as the program wrote them; this process runs elsewhere. */
function located(path: string): string {
  if (existsSync(path)) return resolve(path);
  const why = isAbsolute(path) ? "" : " The path is relative: write it as an absolute one (path.join(__dirname, ...)).";
  throw new ProviderFailure(`the file or folder ${path} does not exist.${why}`);
}
