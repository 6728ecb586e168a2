import assert from "node:assert/strict";
import fc from "fast-check";
import { contentDigest, nameLimits, type NamedType, Names } from "../../infra/naming";

const types = Object.keys(nameLimits) as NamedType[];
const part = fc.stringMatching(/^[a-z0-9]{1,80}$/);

describe("names", () => {
  it("never exceed the limit of their type", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.array(part, { minLength: 1, maxLength: 4 }),
        (type, parts) => new Names("staging").of(type, ...parts).length <= nameLimits[type],
      ),
    );
  });

  it("leave room for Pulumi's suffix where they carry a content digest", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        part,
        fc.jsonValue(),
        (type, name, content) =>
          new Names("staging").ofContent(type, content, name).length + "-1234567".length <= nameLimits[type],
      ),
    );
  });

  it("stay different when they are cut", () => {
    fc.assert(
      fc.property(fc.uniqueArray(part, { minLength: 2, maxLength: 2 }), ([a, b]) => {
        const names = new Names("dev");
        const long = "x".repeat(70);
        return names.of("role", long, a!) !== names.of("role", long, b!);
      }),
    );
  });

  it("start with project and environment", () => {
    assert.equal(new Names("prod").of("endpoint", "detector"), "peregrine-prod-detector");
  });

  it("are refused for a type whose limit nobody looked up", () => {
    assert.throws(() => new Names("dev").of("spaceship" as NamedType, "x"), /no name limit is known for spaceship/);
  });
});

describe("content digests", () => {
  it("do not depend on the order of keys", () => {
    assert.equal(contentDigest({ a: 1, b: { c: 2, d: 3 } }), contentDigest({ b: { d: 3, c: 2 }, a: 1 }));
  });

  it("depend on every value and on the order of lists", () => {
    assert.notEqual(contentDigest({ a: [1, 2] }), contentDigest({ a: [2, 1] }));
    assert.notEqual(contentDigest({ a: 1 }), contentDigest({ a: "1" }));
  });
});
