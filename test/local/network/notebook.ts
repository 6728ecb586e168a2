import { spawn, type ChildProcess } from "node:child_process";
import { createInterface, type Interface } from "node:readline";

const program = `
import boto3, botocore.config, json, sys
answers, sys.stdout = sys.stdout, sys.stderr
plain = boto3.client
once = botocore.config.Config(retries={"total_max_attempts": 1})
boto3.client = lambda name: plain(name, config=once)
def tried(call):
    try:
        eval(call)
        return "ok"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
for line in sys.stdin:
    print(json.dumps([tried(call) for call in json.loads(line)]), file=answers, flush=True)
`;

/** A Python process with boto3, as somebody's notebook has it: one client at a time, no retries. */
export class Notebook {
  private readonly child: ChildProcess;
  private readonly answers: Interface;

  constructor(python: string, env: NodeJS.ProcessEnv) {
    this.child = spawn(python, ["-c", program], { env, stdio: ["pipe", "pipe", "inherit"] });
    this.answers = createInterface({ input: this.child.stdout! });
  }

  /** @param calls Python expressions. @returns `ok`, or the error's class and message, of each. */
  run(calls: readonly string[]): Promise<string[]> {
    const answer = new Promise<string[]>((resolve, reject) => {
      this.answers.once("line", (line) => resolve(JSON.parse(line) as string[]));
      this.answers.once("close", () => reject(new Error("the notebook ended before it answered")));
    });
    this.child.stdin!.write(`${JSON.stringify(calls)}\n`);
    return answer.finally(() => this.answers.removeAllListeners("close"));
  }

  close(): void {
    this.child.kill();
  }
}
