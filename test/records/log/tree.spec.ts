import assert from "node:assert/strict";
import fc from "fast-check";
import { emptyRoot, leafHash, nodeHash } from "../../../records/log/hashing";
import { ProofRefused, verifyConsistency, verifyInclusion } from "../../../records/log/proofs";
import {
  LogFileDamaged,
  pathsOf,
  readBundle,
  TiledTree,
  tilePath,
  TreeWriter,
  writeBundle,
} from "../../../records/log/tiles";

const hex = (text: string) => Buffer.from(text, "hex");

/** Inputs, roots and proofs of the reference implementation (transparency-dev/merkle, `testonly`). */
const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map(
  hex,
);
const roots = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const inclusions = [
  { index: 0, size: 1, proof: [] },
  { index: 0, size: 2, proof: ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"] },
  { index: 1, size: 2, proof: ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"] },
  { index: 2, size: 3, proof: ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"] },
  {
    index: 1,
    size: 5,
    proof: [
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  },
  {
    index: 5,
    size: 8,
    proof: [
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  },
];
const consistencies = [
  { earlier: 1, size: 1, proof: [] },
  {
    earlier: 1,
    size: 8,
    proof: [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  },
  {
    earlier: 2,
    size: 5,
    proof: [
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  },
  {
    earlier: 6,
    size: 8,
    proof: [
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  },
];

/** The definition of RFC 6962, section 2.1, word for word. */
function definedRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return emptyRoot();
  if (leaves.length === 1) return leaves[0]!;
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return nodeHash(definedRoot(leaves.slice(0, half)), definedRoot(leaves.slice(half)));
}

/** A tree of numbered leaves, kept as tiles; written in steps of the given sizes. */
async function grow(steps: readonly number[]) {
  const files = new Map<string, Buffer>();
  const read = (path: string) => Promise.resolve(files.get(path));
  const leaves: Buffer[] = [];
  for (const step of steps) {
    const writer = await TreeWriter.open(read, leaves.length);
    for (let count = 0; count < step; count += 1) {
      leaves.push(leafHash(Buffer.from(`entry ${leaves.length}`)));
      for (const { path, body } of writer.append(leaves.at(-1)!)) files.set(path, body);
    }
    for (const { path, body } of writer.partials()) files.set(path, body);
    assert.deepEqual(writer.root(), await new TiledTree(read, leaves.length).root());
  }
  return { files, read, leaves, tree: new TiledTree(read, leaves.length) };
}

describe("the tree of a log", () => {
  it("has the roots and proofs of the reference implementation", async () => {
    const files = new Map<string, Buffer>();
    const writer = new TreeWriter();
    assert.equal(writer.root().toString("hex"), roots[0]);
    for (const [at, input] of inputs.entries()) {
      writer.append(leafHash(input));
      for (const { path, body } of writer.partials()) files.set(path, body);
      assert.equal(writer.root().toString("hex"), roots[at + 1]);
    }
    const treeOf = (size: number) => new TiledTree((path) => Promise.resolve(files.get(path)), size);
    for (const { index, size, proof } of inclusions)
      assert.deepEqual(
        (await treeOf(size).inclusion(index)).map((hash) => hash.toString("hex")),
        proof,
      );
    for (const { earlier, size, proof } of consistencies)
      assert.deepEqual(
        (await treeOf(size).consistency(earlier)).map((hash) => hash.toString("hex")),
        proof,
      );
  });

  it("is the one that RFC 6962 defines, in however many steps it was written", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 4 }), async (steps) => {
        const { leaves, tree, files } = await grow(steps);
        assert.deepEqual(await tree.root(), definedRoot(leaves));
        const whole = await grow([leaves.length]);
        for (const path of pathsOf(leaves.length))
          if (path.startsWith("tile/entries/")) continue;
          else assert.deepEqual(files.get(path), whole.files.get(path), path);
      }),
      { numRuns: 30 },
    );
  });

  it("has a second level of tiles, and a third, where the specification says so", () => {
    // The example of C2SP tlog-tiles, "Partial Tiles".
    const paths = [...pathsOf(70_000)].filter((path) => !path.startsWith("tile/entries/"));
    assert.equal(paths.filter((path) => /^tile\/0\/[^.]+$/.test(path)).length, 273);
    assert.deepEqual(
      paths.filter((path) => path.includes(".p/") || path.startsWith("tile/1/")),
      ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"],
    );
    assert.equal(tilePath(0, 1_234_067), "tile/0/x001/x234/067");
    assert.deepEqual([...pathsOf(256)], ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
  });

  it("proves each entry and each earlier tree, and nothing else", async () => {
    const { leaves, tree } = await grow([700]);
    const root = await tree.root();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 700 }),
        fc.nat(699),
        fc.nat(31),
        fc.nat(20),
        async (earlier, index, byte, which) => {
          const whole = { size: 700, root };
          const head = { size: earlier, root: definedRoot(leaves.slice(0, earlier)) };
          const [inclusion, consistency] = [await tree.inclusion(index), await tree.consistency(earlier)];
          assert.ok(inclusion.length <= 10);
          verifyInclusion({ index, ...whole }, leaves[index]!, inclusion);
          verifyConsistency(head, whole, consistency);
          const other = (hash: Buffer) => Buffer.from(hash.map((value, at) => (at === byte ? value ^ 1 : value)));
          const bad = (proof: readonly Buffer[]) =>
            proof.map((hash, at) => (at === which % proof.length ? other(hash) : hash));
          const refused = [
            () => verifyInclusion({ index, ...whole }, other(leaves[index]!), inclusion),
            () => verifyInclusion({ index, ...whole }, leaves[index]!, bad(inclusion)),
            () => verifyInclusion({ index, ...whole }, leaves[index]!, inclusion.slice(1)),
            () => verifyInclusion({ index, ...whole }, leaves[index]!, [...inclusion, root]),
            () => verifyInclusion({ index: (index + 1) % 700, ...whole }, leaves[index]!, inclusion),
            () => verifyConsistency({ ...head, root: other(head.root) }, whole, consistency),
            () => verifyConsistency(head, { ...whole, root: other(root) }, consistency),
            () => verifyConsistency(head, whole, [...consistency, root]),
            ...(consistency.length > 0
              ? [
                  () => verifyConsistency(head, whole, bad(consistency)),
                  () => verifyConsistency(head, whole, consistency.slice(1)),
                ]
              : []),
          ];
          for (const [at, claim] of refused.entries()) assert.throws(claim, ProofRefused, `claim ${at}`);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("takes no subtree for the tree", async () => {
    const { leaves } = await grow([4]);
    const half = nodeHash(leaves[0]!, leaves[1]!);
    assert.throws(
      () => verifyInclusion({ index: 0, size: 4, root: half }, leaves[0]!, [leaves[1]!]),
      /it has too few hashes/,
    );
    assert.throws(
      () => verifyConsistency({ size: 1, root: leaves[0]! }, { size: 4, root: half }, [leaves[1]!]),
      /it has too few hashes/,
    );
  });

  it("holds entries in bundles, and refuses those that end too early", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (entries) => {
        const bundle = writeBundle(entries.map((entry) => Buffer.from(entry)));
        assert.deepEqual(
          readBundle("b", bundle).map((entry) => [...entry]),
          entries.map((entry) => [...entry]),
        );
        if (bundle.length > 0) assert.throws(() => readBundle("b", bundle.subarray(0, -1)), LogFileDamaged);
      }),
    );
    assert.throws(() => writeBundle([Buffer.alloc(65_536)]), RangeError);
  });
});
