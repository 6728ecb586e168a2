import assert from "node:assert/strict";
import { createCloudTrail } from "../../../../local/services/cloudtrail";
import { permissiveCloud, send } from "../permissive-cloud";

describe("CloudTrail's trails", () => {
  it("tell whether their files are validated, which is asked for under another name", async () => {
    const { cloud } = permissiveCloud();
    cloud.register(createCloudTrail(cloud));
    await send(cloud, "cloudtrail", "CreateTrail", { Name: "audit", S3BucketName: "b", EnableLogFileValidation: true });
    assert.equal((await send(cloud, "cloudtrail", "GetTrail", { Name: "audit" })).Trail.LogFileValidationEnabled, true);
    await send(cloud, "cloudtrail", "UpdateTrail", { Name: "audit", EnableLogFileValidation: false });
    const { trailList } = await send(cloud, "cloudtrail", "DescribeTrails", {});
    assert.deepEqual([trailList[0].LogFileValidationEnabled, trailList[0].S3BucketName], [false, "b"]);
  });
});
