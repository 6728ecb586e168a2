import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runContainer, type Container } from "../../runner/container";
import type { Isolation } from "../../runner/isolation";

/**
 * Runs one shell after another: a command that says `exit` ends its shell, and the next command gets a new one that
 * knows what the old one exported and where it was. Commands come on descriptor 8, answers go to 9, out of reach of
 * what a command does to its own input and output. The watcher's descriptor 3 closes with the local cloud, and it takes
 * the whole group along.
 */
const DRIVER = `mark=$1; state=$2; shell=$3
exec 8<&0 9>&1 </dev/null 2>&1
{ read -r _ <&3; kill -KILL 0; } 8<&- 9>&- &
exec 3<&-
while :; do
  "$shell" "$state/session.sh" "$mark" "$state"
  printf '\\n%s %s\\n' "$mark" "$?" >&9
done
`;

const SESSION = `codebuild_mark=$1; codebuild_state=$2; set --
if [ -f "$codebuild_state/environment" ]; then
  . "$codebuild_state/environment"
  cd "$(cat "$codebuild_state/directory")"
fi
trap 'export -p > "$codebuild_state/environment"; pwd > "$codebuild_state/directory"' EXIT
while IFS= read -r codebuild_file <&8; do
  eval "$(cat "$codebuild_file")" 8<&- 9>&-
  printf '\\n%s %s\\n' "$codebuild_mark" "$?" >&9
done
`;

/** How long the output of a killed shell is read on, real time. */
const CLOSE_MS = 2_000;

export interface ShellOptions {
  /** Folder of the build. */
  readonly folder: string;
  readonly workingDirectory: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  /** `sh`, or `bash` where the buildspec asks for it. */
  readonly shell: string;
  readonly isolation?: Isolation;
  /** One line that a command wrote. */
  onLine(line: string): void;
}

/** The shell of a build: every command of the buildspec runs in it, one after the other. */
export class BuildShell {
  private readonly container: Container;
  private readonly state: string;
  private readonly mark = `codebuild-${randomBytes(16).toString("hex")}`;
  private answer: ((status: number) => void) | undefined;
  private count = 0;

  constructor(options: ShellOptions) {
    this.state = join(options.folder, "session");
    mkdirSync(this.state, { recursive: true });
    writeFileSync(join(this.state, "driver.sh"), DRIVER);
    writeFileSync(join(this.state, "session.sh"), SESSION);
    this.container = runContainer({
      folder: options.folder,
      home: options.home,
      cwd: options.workingDirectory,
      command: ["sh", join(this.state, "driver.sh"), this.mark, this.state, options.shell],
      env: options.env,
      isolation: options.isolation,
      conversation: true,
      onLine: (line) => this.hear(line, options.onLine),
    });
    // A shell that was killed answers as the system does for its signal.
    void this.container.exited.then(({ code }) => this.answer?.(code === 0 ? 1 : code));
  }

  get pid(): number {
    return this.container.pid;
  }

  /** Runs one command. @returns its exit status. */
  async run(command: string): Promise<number> {
    if (!this.container.running()) return (await this.container.exited).code || 1;
    const file = join(this.state, `command-${++this.count}`);
    writeFileSync(file, command);
    const status = await new Promise<number>((resolve) => {
      this.answer = resolve;
      this.container.tell(`${file}\n`);
    });
    this.answer = undefined;
    return status;
  }

  /** Ends the shell and everything that commands left running. */
  async close(): Promise<void> {
    this.container.kill();
    // A daemon that left the group may hold the output open for ever; it is not waited for.
    let patience: NodeJS.Timeout | undefined;
    await Promise.race([this.container.exited, new Promise((resolve) => (patience = setTimeout(resolve, CLOSE_MS)))]);
    clearTimeout(patience);
  }

  private hear(line: string, print: (line: string) => void): void {
    if (line.startsWith(`${this.mark} `)) this.answer?.(Number(line.slice(this.mark.length + 1)));
    else print(line);
  }
}
