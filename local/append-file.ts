import { closeSync, openSync, writeSync } from "node:fs";

/**
 * Lines that are gathered and appended to a file in one write. Whoever must not lose what was appended calls `flush`
 * before answering.
 */
export class AppendFile {
  private fd: number | undefined;
  private pending: string[] = [];
  private cancel: (() => void) | undefined;

  /**
   * @param file is made when it is missing.
   * @param gatherMs how long lines may wait for others, in real time; left out, until the turn of the event loop ends.
   */
  constructor(
    file: string,
    private readonly gatherMs?: number,
  ) {
    this.fd = openSync(file, "a");
  }

  /** Takes one JSON document, which becomes a line; nothing after `close`. */
  append(document: unknown): void {
    if (this.fd === undefined) return;
    this.pending.push(JSON.stringify(document) + "\n");
    this.cancel ??= this.later();
  }

  flush(): void {
    this.cancel?.();
    this.cancel = undefined;
    if (this.fd === undefined || this.pending.length === 0) return;
    const lines = this.pending.join("");
    this.pending = [];
    writeSync(this.fd, lines);
  }

  close(): void {
    this.flush();
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  private later(): () => void {
    if (this.gatherMs === undefined) {
      const turn = setImmediate(() => this.flush());
      return () => clearImmediate(turn);
    }
    const timer = setTimeout(() => this.flush(), this.gatherMs).unref();
    return () => clearTimeout(timer);
  }
}
