import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageCommand } from "../../local/runner/images";
import { projectDir } from "../../automation/project-dir";

/**
 * What stands for the image of `ml/Dockerfile`: its entry point, with the checkout's Python. Options of the interpreter
 * are taken from the file, so that a container here ignores what it ignores on AWS. The image has the program in its
 * site-packages; an isolated Python looks nowhere else, so here the first line names the folder instead. The CUDA
 * version is that of the base image; on hosts with a GPU, `local/runner/emulated_gpu.py` stands for it.
 * @throws Error when the Dockerfile starts something else than one module by Python, or its base image names no CUDA
 * version.
 */
export function mlImage(dockerfile = readFileSync(join(projectDir, "ml", "Dockerfile"), "utf8")): ImageCommand {
  const line = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? "[]";
  const [, ...args] = JSON.parse(line) as string[];
  const at = args.indexOf("-m");
  if (at < 0 || args.length !== at + 2) throw new Error(`ml/Dockerfile starts ${line}, not one Python module`);
  const [, major, minor] = /^FROM \S+-cu(\d\d)(\d)-\S+$/m.exec(dockerfile) ?? [];
  if (!major) throw new Error("ml/Dockerfile is based on an image whose tag names no CUDA version (-cu133-)");
  const path = (folder: string): string => `sys.path.append(${JSON.stringify(join(projectDir, folder))})`;
  const program = (...before: string[]) => [
    join(projectDir, ".venv", "bin", "python"),
    ...args.slice(0, at),
    "-c",
    [
      `import runpy, sys`,
      ...before,
      path("ml"),
      `runpy.run_module(${JSON.stringify(args[at + 1])}, run_name="__main__")`,
    ].join("; "),
  ];
  return {
    entrypoint: program(),
    entrypointOnGpu: program(path(join("local", "runner")), "import emulated_gpu", "emulated_gpu.install()"),
    platform: { architecture: "amd64", cuda: `${major}.${minor}` },
    sha256: contentOf(dockerfile),
  };
}

/** SHA-256 of what the image is built from, so that checkouts of one commit have one image, wherever they lie. */
function contentOf(dockerfile: string): string {
  const ml = join(projectDir, "ml");
  const program = readdirSync(join(ml, "peregrine_ml"), { recursive: true })
    .map((file) => join("peregrine_ml", String(file)))
    .filter((file) => file.endsWith(".py"));
  const hash = createHash("sha256").update(dockerfile);
  for (const file of ["requirements-image.lock", ...program].sort())
    hash.update(`\0${file}\0`).update(readFileSync(join(ml, file)));
  return hash.digest("hex");
}
