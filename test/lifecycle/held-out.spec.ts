import assert from "node:assert/strict";
import fc from "fast-check";
import { assignSplits, type DatasetImage, flightRows, heldOut } from "../../lifecycle/held-out";
import { runPython } from "../../scripts/dataset";

const image = (file: string, labelled = true): DatasetImage => ({ file, labelled });
const files = (images: readonly DatasetImage[]) => images.map(({ file }) => file);

describe("images held out of training", () => {
  it("are those of flights that the owner put into the test split", () => {
    const rows = flightRows(
      "file,flight,light,altitude,split\na/1.jpg,a,day,nominal,train\nb/1.jpg,b,day,nominal,test\nc/1.jpg,c,day,nominal,val\n",
    );
    assert.deepEqual(files(heldOut([image("a/1.jpg"), image("b/1.jpg"), image("c/1.jpg")], rows)), ["b/1.jpg"]);
  });

  it("belong to whole flights: an image without labels is not held out of a flight that trains", () => {
    const rows = flightRows("file,flight,split\na/1.jpg,alder,train\na/2.jpg,alder,train\np/1.jpg,pond,test\n");
    assert.deepEqual(files(heldOut([image("a/1.jpg"), image("a/2.jpg", false), image("p/1.jpg", false)], rows)), [
      "p/1.jpg",
    ]);
  });

  it("are none of a flight that somebody put into two splits", () => {
    const rows = flightRows("file,flight,split\na/1.jpg,a,test\na/2.jpg,a,train\nb/1.jpg,b,train\n");
    assert.deepEqual(heldOut([image("a/1.jpg"), image("a/2.jpg"), image("b/1.jpg")], rows), []);
  });

  it("are told by the flight's name where nobody said more, the folder being the flight", () => {
    const names = Array.from({ length: 40 }, (_, index) => `flight-${index}`);
    const chosen = files(
      heldOut(
        names.map((name) => image(`${name}/x.jpg`)),
        [],
      ),
    );
    assert.ok(chosen.length > 2 && chosen.length < 16);
    assert.deepEqual(
      chosen,
      files(
        heldOut(
          names.map((name) => image(`${name}/x.jpg`)),
          [],
        ),
      ),
      "always the same",
    );
  });

  it("are split exactly as training splits them", async () => {
    const word = fc.constantFrom(
      ..."abcdefghij".split("").flatMap((letter) => [letter, `${letter}${letter}-01`, `ü ${letter}`]),
    );
    const split = fc.constantFrom("", "train", "val", "test");
    const owners = fc.dictionary(word, split, { minKeys: 3, maxKeys: 12 });
    const nobody = fc.dictionary(word, fc.constant(""), { minKeys: 3, maxKeys: 12 });
    const cases = fc
      .sample(fc.oneof(owners, nobody), { numRuns: 200, seed: 7 })
      .map((flights) => Object.entries(flights).map(([flight, given]) => ({ flight, split: given })));
    const script = `
import json, sys
from peregrine_ml import splits
from peregrine_ml.errors import InputError
from peregrine_ml.flights import FlightImage
def answer(case):
    try:
        return splits.assign([FlightImage(row["flight"], row["flight"], split=row["split"]) for row in case])
    except InputError:
        return None
print(json.dumps([answer(case) for case in json.loads(sys.argv[1])]))`;

    const theirs = JSON.parse(await runPython(["-c", script, JSON.stringify(cases)])) as (Record<
      string,
      string
    > | null)[];
    const judged = cases.flatMap((one, index) => (theirs[index] ? [{ one, expected: theirs[index] }] : []));
    assert.ok(judged.length > 60, "most cases are data sets that training takes");
    for (const { one, expected } of judged) assert.deepEqual(Object.fromEntries(assignSplits(one)), expected);
  });
});

describe("flights.csv", () => {
  it("is read as spreadsheets write it", () => {
    const text = '"file","flight","note","split"\r\n"a,1.jpg","the ""long"" one","two\nlines",test\r\nb.jpg,b,,\r\n';
    assert.deepEqual(flightRows(text), [
      { file: "a,1.jpg", flight: 'the "long" one', split: "test" },
      { file: "b.jpg", flight: "b", split: "" },
    ]);
  });

  it("says nothing without the columns that training asks for, or when it is not there", () => {
    assert.deepEqual([flightRows(undefined), flightRows(""), flightRows("name,split\na,test\n")], [[], [], []]);
  });
});
