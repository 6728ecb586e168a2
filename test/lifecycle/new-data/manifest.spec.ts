import assert from "node:assert/strict";
import { countFlights, flightFinder, flightsOf } from "../../../lifecycle/new-data/flights";
import {
  type DatasetManifest,
  datasetManifest,
  diffManifest,
  labelsSince,
  type ListedFile,
  nextManifest,
} from "../../../lifecycle/new-data/manifest";

const file = (key: string, tag: string, day: number, trees?: number): ListedFile => ({
  key,
  tag,
  bytes: 10,
  modified: `2026-11-${String(day).padStart(2, "0")}T00:00:00Z`,
  ...(trees === undefined ? {} : { labels: { "": { tree: trees } } }),
});

/** A look at the data set. */
function look(before: DatasetManifest | undefined, files: readonly ListedFile[], flightOf = flightFinder(new Map())) {
  const flights = countFlights(files, flightOf);
  const diff = diffManifest(before, files, flights, flightOf);
  const at = "2026-11-29T00:00:00Z";
  return { diff, manifest: nextManifest(before, { at, bucket: "b", prefix: "flights/", flights }, files, diff) };
}

const first = [file("one/1.jpg", "a", 1), file("one/1.xml", "b", 1, 5)];

describe("the manifest of a data set", () => {
  it("has everything as new at the first look, dated by when it was written", () => {
    const { diff, manifest } = look(undefined, first);
    assert.deepEqual(diff, { added: ["one"], changed: [], removed: [], labels: { tree: 5 } });
    assert.deepEqual(manifest.additions, [{ at: "2026-11-01T00:00:00Z", flights: ["one"], labels: { tree: 5 } }]);
    assert.ok(datasetManifest.safeParse(JSON.parse(JSON.stringify(manifest))).success);
  });

  it("finds nothing where nothing changed", () => {
    const { manifest } = look(undefined, first);
    const again = look(manifest, first);
    assert.deepEqual(again.diff, { added: [], changed: [], removed: [], labels: {} });
    assert.deepEqual(again.manifest.additions, manifest.additions);
  });

  it("finds flights that came, changed and went, with the objects that were not there before", () => {
    const { manifest } = look(undefined, [...first, file("gone/1.jpg", "g", 1)]);
    const { diff, manifest: next } = look(manifest, [
      file("one/1.jpg", "a", 1),
      file("one/1.xml", "c", 20, 7),
      file("two/1.jpg", "d", 20),
      file("two/1.xml", "e", 21, 3),
    ]);
    assert.deepEqual(diff, { added: ["two"], changed: ["one"], removed: ["gone"], labels: { tree: 5 } });
    assert.equal(next.additions.at(-1)!.at, "2026-11-21T00:00:00Z");
  });

  it("counts what came since a training apart from what was there", () => {
    const { manifest } = look(undefined, first);
    const { manifest: next } = look(manifest, [...first, file("two/1.xml", "e", 21, 3), file("two/1.jpg", "d", 20)]);
    assert.deepEqual(labelsSince(next, "2026-11-10T00:00:00Z"), { fresh: { tree: 3 }, total: 8 });
    assert.deepEqual(labelsSince(next, "2026-11-22T00:00:00Z"), { fresh: {}, total: 8 });
    assert.deepEqual(labelsSince(next, undefined).fresh, { tree: 8 });
  });

  it("takes flights from flights.csv, for label files as for images, and folders where it says nothing", () => {
    const { flights, unreadable } = flightsOf(
      '\uFEFFflight,file,light\nnorth,images/a.jpg,day\n"so,uth","b.png",fog\n,c.jpg,\n\n',
    );
    assert.equal(unreadable, 1);
    const flightOf = flightFinder(flights);
    assert.deepEqual(["images/a.jpg", "labels/a.txt", "b.xml", "other/x.jpg", "x.jpg"].map(flightOf), [
      "north",
      "north",
      "so,uth",
      "other",
      "(root)",
    ]);
    assert.equal(flightsOf("a,b\n1,2").unreadable, 1);
  });
});
