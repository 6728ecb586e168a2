import assert from "node:assert/strict";
import fc from "fast-check";
import { failoverLedgerKey, failoverStateKey, type Rung, rungs, type ServerSwitch } from "../../../contract/front-door";
import { Breakers } from "../../../functions/front-door/breakers";
import { climb, type Climbed, type Tried } from "../../../functions/front-door/climb";
import { breakerPolicy } from "../../../lifecycle/failover/breaker";
import { FailoverBook, switchLedger } from "../../../records/failover-book";
import { MemoryStore } from "../../support/memory-store";

const minuteMs = 60_000;

/** Several copies of the door over one bucket, in a time of its own. */
class Fleet {
  readonly store = new MemoryStore();
  readonly told: ServerSwitch[] = [];
  readonly asked: Rung[] = [];
  nowMs = Date.UTC(2026, 10, 29);
  sick = new Set<Rung>();
  /** The next so many tellings fail. */
  deaf = 0;
  private readonly copies: Breakers[];

  constructor(copies: number) {
    this.copies = Array.from({ length: copies }, () => new Breakers(this.book(), () => undefined));
  }

  book(): FailoverBook {
    return new FailoverBook({
      store: this.store,
      bucket: "bucket",
      rungs,
      by: "arn:aws:lambda:eu-central-1:111122223333:function:peregrine-prod-front-door",
      tell: async (made) => {
        if (this.deaf > 0) {
          this.deaf -= 1;
          throw new Error("the bus does not hear");
        }
        this.told.push(made);
      },
      log: () => undefined,
    });
  }

  send(copy: number): Promise<Climbed> {
    const ask = async (rung: Rung): Promise<Tried> => {
      this.asked.push(rung);
      return this.sick.has(rung)
        ? { kind: "failure", reasons: ["ModelError (500): broken"] }
        : { kind: "answer", answer: { text: "{}", variant: "champion" } };
    };
    return climb(rungs, this.copies[copy % this.copies.length]!, ask, () => this.nowMs);
  }

  async server(copy = 0): Promise<string> {
    const climbed = await this.send(copy);
    return climbed.kind === "answer" ? climbed.rung : climbed.kind;
  }
}

describe("a fleet of doors", () => {
  it("answers the very next request after the champion died, and leaves it alone after three", async () => {
    const fleet = new Fleet(1);
    assert.equal(await fleet.server(), "champion");
    fleet.sick.add("champion");
    for (let count = 0; count < 10; count += 1) assert.equal(await fleet.server(), "standby");
    assert.equal(fleet.asked.filter((rung) => rung === "champion").length, 1 + 3);
    assert.deepEqual(
      fleet.told.map(({ from, to }) => [from, to]),
      [["champion", "standby"]],
    );
  });

  it("tells other copies: one that saw no failure skips what another took out of service", async () => {
    const fleet = new Fleet(2);
    assert.equal(await fleet.server(1), "champion");
    fleet.sick.add("champion");
    for (let count = 0; count < 3; count += 1) await fleet.server(0);
    fleet.nowMs += 3000;
    // Looks beside the request, and knows from then on.
    await fleet.server(1);
    await new Promise(setImmediate);
    const before = fleet.asked.length;
    assert.equal(await fleet.server(1), "standby");
    assert.deepEqual(fleet.asked.slice(before), ["standby"]);
  });

  it("goes back by itself, after three good tries and not before its rest is over", async () => {
    const fleet = new Fleet(1);
    fleet.sick.add("champion");
    for (let count = 0; count < 3; count += 1) await fleet.server();
    fleet.sick.clear();
    fleet.nowMs += breakerPolicy.coolMs - 1;
    assert.equal(await fleet.server(), "standby");
    fleet.nowMs += 1;
    for (let count = 0; count < 4; count += 1) assert.equal(await fleet.server(), "champion");
    assert.deepEqual(
      fleet.told.map(({ from, to }) => [from, to]),
      [
        ["champion", "standby"],
        ["standby", "champion"],
      ],
    );
    assert.match(fleet.told[0]!.reasons.join("; "), /3 of its last 3 requests failed; ModelError \(500\): broken/);
  });

  it("lets one request of many try what is sick", async () => {
    const fleet = new Fleet(4);
    fleet.sick.add("champion");
    for (let count = 0; count < 12; count += 1) await fleet.server(count);
    fleet.nowMs += 5 * minuteMs;
    const before = fleet.asked.length;
    await Promise.all(Array.from({ length: 20 }, (_, copy) => fleet.send(copy)));
    assert.equal(fleet.asked.slice(before).filter((rung) => rung === "champion").length, 1);
  });

  it("takes a champion out of service that refuses what the standby answers, and no other", async () => {
    const fleet = new Fleet(1);
    const refusal: Tried = { kind: "refusal", refusal: { status: 400, message: "no image" }, reasons: ["400"] };
    const breakers = new Breakers(fleet.book(), () => undefined);
    const ask = (others: Tried) => async (rung: Rung) => (rung === "champion" ? refusal : others);
    for (let count = 0; count < 6; count += 1) {
      const climbed = await climb(rungs, breakers, ask(refusal), () => fleet.nowMs);
      assert.deepEqual(climbed, { kind: "refusal", refusal: { status: 400, message: "no image" } });
    }
    assert.equal(fleet.told.length, 0);
    const good: Tried = { kind: "answer", answer: { text: "{}", variant: "champion" } };
    for (let count = 0; count < 3; count += 1)
      assert.equal((await climb(rungs, breakers, ask(good), () => fleet.nowMs)).kind, "answer");
    assert.deepEqual(
      fleet.told.map(({ to }) => to),
      ["standby"],
    );
  });

  it("goes on by what it knows while the shared state cannot be reached", async () => {
    const fleet = new Fleet(1);
    const down = () => Promise.reject(new Error("S3 is down"));
    const breakers = new Breakers({ read: down, change: down }, () => undefined);
    fleet.sick.add("champion");
    const ask = async (rung: Rung): Promise<Tried> =>
      fleet.sick.has(rung)
        ? { kind: "failure", reasons: ["broken"] }
        : { kind: "answer", answer: { text: "{}", variant: "champion" } };
    for (let count = 0; count < 5; count += 1) {
      const climbed = await climb(rungs, breakers, ask, () => fleet.nowMs);
      assert.equal(climbed.kind === "answer" && climbed.rung, "standby");
    }
    assert.equal(await breakers.use("champion", fleet.nowMs), "skip");
  });

  it("tells a switch later that could not be told at once, and once", async () => {
    const fleet = new Fleet(2);
    fleet.deaf = 1;
    fleet.sick.add("champion");
    for (let count = 0; count < 3; count += 1) await fleet.server();
    assert.equal(fleet.told.length, 0);
    fleet.nowMs += 61_000;
    await fleet.server(1);
    fleet.nowMs += 61_000;
    await fleet.server(1);
    assert.equal(fleet.told.length, 1);
    assert.deepEqual(fleet.store.json(failoverStateKey)["untold"], []);
  });

  it("loses nothing, goes to no rung that it knows is sick, and always comes back, whatever happens", async function () {
    this.timeout(120_000);
    const weather = fc.array(
      fc.record({
        sick: fc.subarray([...rungs]),
        requests: fc.integer({ min: 0, max: 12 }),
        pauseMs: fc.integer({ min: 0, max: 15 * minuteMs }),
      }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(weather, fc.integer({ min: 1, max: 4 }), async (phases, copies) => {
        const fleet = new Fleet(copies);
        for (const { sick, requests, pauseMs } of phases) {
          fleet.sick = new Set(sick);
          fleet.nowMs += pauseMs;
          for (let request = 0; request < requests; request += 1) {
            const climbed = await fleet.send(request);
            // Answered by a healthy rung, or left to the queue: nothing is lost, and no sick rung's word is passed on.
            if (climbed.kind === "answer") assert.ok(!fleet.sick.has(climbed.rung));
            else assert.equal(climbed.kind, "nobody");
            fleet.nowMs += 500;
          }
        }
        fleet.sick.clear();
        fleet.nowMs += breakerPolicy.maxCoolMs + breakerPolicy.tryingMs;
        for (let request = 0; request < 4 * copies; request += 1) {
          await fleet.send(request);
          fleet.nowMs += 3000;
          await new Promise(setImmediate);
        }
        assert.equal(await fleet.server(), "champion");
        fleet.nowMs += 61_000;
        await fleet.server();
        await new Promise(setImmediate);
        // The ledger has every switch that people were told of, and its chain holds.
        const entries = await switchLedger(fleet.store, "bucket").entries();
        assert.deepEqual(
          entries.map(({ subject }) => subject),
          fleet.told.map(({ id }) => id),
        );
        let at = "champion" as string;
        for (const { from, to } of fleet.told) {
          assert.equal(from, at);
          at = to;
        }
        assert.equal(at, "champion");
        assert.equal(fleet.told.length > 0, fleet.store.objects.has(failoverLedgerKey));
      }),
      { numRuns: 60 },
    );
  });
});
