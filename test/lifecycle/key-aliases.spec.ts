import { strict as assert } from "node:assert";
import { recentAliases } from "../../lifecycle/key-aliases";

describe("names of keys", () => {
  const now = new Date("2026-11-29T10:00:00Z");
  const before = (seconds: number) => new Date(now.getTime() - seconds * 1000);

  it("are fresh for five minutes after they were made or moved, the newest first", () => {
    assert.deepEqual(
      recentAliases(
        [
          { alias: "old", changedAt: before(300) },
          { alias: "a", changedAt: before(299) },
          { alias: "b", changedAt: before(10) },
        ],
        now,
      ),
      [
        { alias: "b", holdsFrom: new Date("2026-11-29T10:04:50Z") },
        { alias: "a", holdsFrom: new Date("2026-11-29T10:00:01Z") },
      ],
    );
  });

  it("without a date are AWS's own, and hold", () => assert.deepEqual(recentAliases([{ alias: "aws/s3" }], now), []));
});
