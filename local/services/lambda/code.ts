import AdmZip from "adm-zip";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AwsError } from "../../errors";
import { temporaryFolder } from "../../temporary-folder";

/** A deployment package: where it is unpacked, and what Lambda says about it. */
export interface Package {
  readonly sha256: string;
  readonly size: number;
}

/** Unpacked limit of a deployment package (Lambda quotas). */
const MAX_UNPACKED_BYTES = 262_144_000;

/** Deployment packages on disk, by their digest: the archive as it was sent, and its content unpacked. */
export class CodeStore {
  private readonly folder: string;

  constructor(private readonly stateDir: string | undefined) {
    this.folder = stateDir ? join(stateDir, "lambda") : temporaryFolder("lambda");
  }

  /** Keeps a package. @throws InvalidParameterValueException when it is no ZIP archive or too large. */
  put(archive: Buffer): Package {
    const digest = createHash("sha256").update(archive).digest();
    const target = this.place(digest.toString("base64"));
    if (!existsSync(target)) {
      const fresh = `${target}.${process.pid}.new`;
      try {
        const zip = new AdmZip(archive);
        const unpacked = zip.getEntries().reduce((sum, entry) => sum + entry.header.size, 0);
        if (unpacked > MAX_UNPACKED_BYTES)
          throw new AwsError(
            "InvalidParameterValueException",
            `Unzipped size must be smaller than ${MAX_UNPACKED_BYTES} bytes`,
          );
        mkdirSync(fresh, { recursive: true });
        zip.extractAllTo(join(fresh, "task"), true);
        writeFileSync(join(fresh, "package.zip"), archive);
        renameSync(fresh, target);
      } catch (error) {
        rmSync(fresh, { recursive: true, force: true });
        if (error instanceof AwsError) throw error;
        throw new AwsError(
          "InvalidParameterValueException",
          "Could not unzip uploaded file. Please check your file, then try to upload again.",
          400,
          { Type: "User" },
        );
      }
    }
    return { sha256: digest.toString("base64"), size: archive.length };
  }

  /** The folder a function runs in. */
  taskRoot(sha256: string): string {
    return join(this.place(sha256), "task");
  }

  archive(sha256: string): Buffer {
    return readFileSync(join(this.place(sha256), "package.zip"));
  }

  /** A cloud that lives in memory leaves nothing on disk. */
  close(): void {
    if (this.stateDir === undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  private place(sha256: string): string {
    return join(this.folder, Buffer.from(sha256, "base64").toString("hex"));
  }
}
