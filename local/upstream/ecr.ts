import { createHash } from "node:crypto";
import type { Members } from "../members";
import { RawResponse } from "../raw";
import type { Handler } from "../operation";
import { AwsError } from "../errors";
import type { Images } from "../runner/images";

/**
 * A repository's name stands for a local command, whatever the tag: nobody pushes an image here. So a tag that was not
 * pushed is there all the same when the repository is and its command is known.
 */
export function imageOperations(images: Images, toMoto: Handler): Record<string, Handler> {
  return {
    DescribeImages: async (input, call) => {
      const wanted = (input["imageIds"] as Members[] | undefined) ?? [];
      const repository = String(input["repositoryName"]);
      const command = images[repository];
      if (!command || wanted.length === 0) return toMoto(input, call);
      const inside = { ...call, caller: { ...call.caller, raw: undefined } };
      try {
        const pushed = await toMoto(input, inside);
        if (!(pushed instanceof RawResponse)) return pushed;
      } catch (error) {
        if (!(error instanceof AwsError && error.code === "ImageNotFoundException")) throw error;
      }
      const imageDigest = `sha256:${command.sha256 ?? createHash("sha256").update(JSON.stringify(command)).digest("hex")}`;
      const known = wanted.every((one) => one["imageDigest"] === undefined || one["imageDigest"] === imageDigest);
      if (!known) return toMoto(input, call);
      return {
        imageDetails: wanted.map(({ imageTag }) => ({
          repositoryName: repository,
          imageDigest,
          ...(imageTag === undefined ? {} : { imageTags: [imageTag as string] }),
        })),
      };
    },
  };
}
