import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { imageVariables } from "../../../infra/images/image-builds";
import { parseBuildspec } from "../../../local/services/codebuild/buildspec";
import { built } from "../../support/build";
import { scopeOf } from "../../support/scope";

const project = "aws:codebuild/project:Project";

describe("image builds", () => {
  it("are made where the settings ask for them, from the same source as releases", async () => {
    const { recorder } = await built("dev");
    const { inputs } = recorder.one(project, "peregrine-dev-image-builds-project");
    assert.deepEqual(inputs["source"], {
      type: "S3",
      location: "peregrine-dev-artifacts-123456789012/sources/peregrine.zip",
      buildspec: "infra/images/buildspec.yml",
    });
    assert.equal(inputs["environment"].privilegedMode, true, "Docker needs it");
    assert.equal(
      recorder.one("aws:s3/bucketObjectv2:BucketObjectv2", "peregrine-dev-source-object").inputs["key"],
      "sources/peregrine.zip",
    );
    assert.equal((await built("prod")).recorder.ofType(project).length, 0);
  });

  it("go without release builds as well", async () => {
    const { recorder } = await built("dev", { "peregrine:releaseTargets": "" });
    assert.deepEqual(
      recorder.ofType(project).map(({ name }) => name),
      ["peregrine-dev-image-builds-project"],
    );
    const none = (await built("dev", { "peregrine:releaseTargets": "", "peregrine:imageBuilds": "false" })).recorder;
    assert.equal(
      none.ofType("aws:s3/bucketObjectv2:BucketObjectv2").filter(({ name }) => name === "peregrine-dev-source-object")
        .length,
      0,
    );
  });

  it("push to our repository alone, and pull AWS's base image", async () => {
    const duties = JSON.parse(
      (await built("dev")).recorder.one("aws:iam/rolePolicy:RolePolicy", "peregrine-dev-identity-image-build-duties")
        .inputs["policy"],
    ).Statement as { Sid: string; Resource: string[]; Action: string[] }[];
    const push = duties.filter(({ Action }) => Action.includes("ecr:PutImage"));
    assert.deepEqual(
      push.map(({ Resource }) => Resource),
      [["arn:aws:ecr:eu-central-1:123456789012:repository/peregrine-ml"]],
    );
    assert.ok(!JSON.stringify(duties).includes("sagemaker:"));
  });

  it("know image, tag and registries", () => {
    assert.deepEqual(imageVariables(scopeOf("dev")), {
      REGISTRY: "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
      BASE_REGISTRY: "763104351884.dkr.ecr.eu-central-1.amazonaws.com",
      IMAGE: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml",
      IMAGE_TAG: "0.1.0",
      IMAGE_REGION: "eu-central-1",
    });
  });

  it("follow a buildspec that CodeBuild can read, that quotes what it is given and uses nothing else", () => {
    const spec = parseBuildspec(readFileSync(join(__dirname, "../../../infra/images/buildspec.yml"), "utf8"));
    const commands = Object.values(spec.phases)
      .flatMap((phase) => phase.commands)
      .join("\n");
    assert.doesNotMatch(commands.replace(/"[^"]*"/g, ""), /\$[A-Z]/);
    const used = [...new Set([...commands.matchAll(/\$([A-Z_]+)/g)].map((match) => match[1]!))];
    assert.deepEqual(
      used.filter((name) => !(name in imageVariables(scopeOf("dev")))),
      [],
    );
  });
});
