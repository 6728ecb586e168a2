import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Environment } from "../../automation/stack/environment";
import { environments } from "../../contract/environments";
import { nothingUp, readPlatform } from "../dashboard/read";
import { exportDashboard, type Served, serveDashboard } from "../dashboard/serve";
import { openEnvironment, projectDir } from "../project";
import type { Facts } from "./summary";

const days = 30;
/** Reading takes seconds of a processor that the rehearsal needs, too. */
const freshMs = 20_000;

/** The dashboard while the rehearsal goes on: people watch the life unfold. It costs nothing while nobody looks. */
export class RehearsalDashboard {
  private opened: Promise<Environment[]> | undefined;

  private constructor(private served: Served | undefined) {}

  static async serve(): Promise<RehearsalDashboard> {
    const dashboard: RehearsalDashboard = new RehearsalDashboard(undefined);
    dashboard.served = await serveDashboard(() => dashboard.read(), 0, freshMs);
    return dashboard;
  }

  get url(): string {
    return this.served!.url;
  }

  /** From now on there is a cloud to read; its address is in the environment's variables. */
  begin(): void {
    this.opened = Promise.all(environments.map(openEnvironment));
    this.opened.catch(() => undefined);
  }

  private async read(billed = false) {
    if (!this.opened) return nothingUp("the local cloud has not started yet");
    return readPlatform(await this.opened, days, undefined, billed);
  }

  /** Writes what is to be seen now as files. */
  async export(reportDir: string): Promise<Facts> {
    const started = performance.now();
    const files = await exportDashboard(await this.read(true), join(reportDir, "dashboard"));
    return {
      page: join("dashboard", "index.html"),
      files,
      seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
    };
  }

  /** Hands over to a process of its own, which stays when the rehearsal has ended. @returns what to tell people. */
  async leaveUp(): Promise<string> {
    const { url } = this;
    await this.close();
    const child = spawn(
      process.execPath,
      [join(projectDir, "scripts", "peregrine.cjs"), "dashboard", "--port", new URL(url).port],
      { cwd: projectDir, detached: true, stdio: "ignore" },
    );
    child.unref();
    return `Dashboard: ${url} (kill ${child.pid} ends it)`;
  }

  async close(): Promise<void> {
    await this.served?.close();
    this.served = undefined;
  }
}
