import { join } from "node:path";
import { repository } from "../../support";

const sdk = (client: string): string => JSON.stringify(join(repository, "node_modules", "@aws-sdk", client));
const node = (program: string): string => `node -e '${program}'`;

/** Commands of a build that call AWS by the SDK, without a word about where AWS is. */
export const inBuild = {
  whoAmI: node(
    `const { STSClient, GetCallerIdentityCommand } = require(${sdk("client-sts")}); new STSClient({}).send(new GetCallerIdentityCommand({})).then(({ Arn }) => console.log(Arn))`,
  ),
  put: (name: string): string =>
    node(
      `const { SSMClient, PutParameterCommand } = require(${sdk("client-ssm")}); new SSMClient({ maxAttempts: 1 }).send(new PutParameterCommand({ Name: "${name}", Value: "written", Type: "String" })).catch((error) => { console.log(error.name); process.exit(1); })`,
    ),
};
