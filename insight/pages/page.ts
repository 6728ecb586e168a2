import type { Child } from "hono/jsx";
import type { Evidence } from "../read-model/facts";
import type { DataTable } from "./data-table";

/** A page, and what else there is of it. */
export interface Page {
  /** Without `.html`. */
  readonly name: string;
  readonly title: string;
  readonly body: Child;
  /** Each also as CSV and JSON. */
  readonly tables: readonly DataTable[];
  readonly sources: Sources;
}

/** Where the numbers of a page are from: each place is told once, by its number. */
export class Sources {
  private readonly known = new Map<string, { readonly number: number; readonly evidence: Evidence }>();

  /** @returns the number of a place. */
  cite(evidence: Evidence): number {
    const key = JSON.stringify([evidence.what, evidence.command]);
    const found = this.known.get(key);
    if (found) return found.number;
    const number = this.known.size + 1;
    this.known.set(key, { number, evidence });
    return number;
  }

  get list(): readonly Evidence[] {
    return [...this.known.values()].map(({ evidence }) => evidence);
  }
}
