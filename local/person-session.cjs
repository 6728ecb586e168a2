/**
 * The `credential_process` of a person's role profile: takes the role with the person's credentials, under the person's
 * name as source identity, which no setting of AWS's config file can give. Plain Node, since it runs once per client
 * process. Usage: node person-session.cjs <credentials file> <person> <role ARN> <STS URL> <region>
 */
const { createHash, createHmac } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { request } = require("node:http");

const [, , credentialsFile, person, roleArn, url, region] = process.argv;

/** @param {string} text */
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
/** @param {import("node:crypto").BinaryLike} key @param {string} text @returns {import("node:crypto").BinaryLike} */
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

/** The settings of a section of a credentials file. @param {string} name */
function section(name) {
  let current;
  /** @type {Record<string, string>} */
  const found = {};
  for (const line of readFileSync(credentialsFile, "utf8").split(/\r?\n/)) {
    const header = /^\[(.+)\]$/.exec(line);
    if (header) current = header[1];
    const [, key, value] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (key && current === name) found[key] = value;
  }
  return found;
}

/**
 * Headers of a request to STS, signed (AWS Signature Version 4).
 * @param {string} body @param {string} host @param {Record<string, string>} credentials of the person's section.
 */
function signed(body, host, { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token }) {
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/${region}/sts/aws4_request`;
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    host,
    "x-amz-date": time,
    "x-amz-security-token": token,
  };
  const names = Object.keys(headers).join(";");
  const canonical = [
    "POST",
    "/",
    "",
    ...Object.entries(headers).map(([name, value]) => `${name}:${value}`),
    "",
    names,
    sha256(body),
  ].join("\n");
  const key = scope.split("/").reduce(hmac, `AWS4${secret}`);
  const signature = createHmac("sha256", key)
    .update(["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n"))
    .digest("hex");
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

const body = new URLSearchParams({
  Action: "AssumeRole",
  Version: "2011-06-15",
  RoleArn: roleArn,
  RoleSessionName: person,
  SourceIdentity: person,
}).toString();
const call = request(
  url,
  {
    method: "POST",
    headers: { ...signed(body, new URL(url).host, section(person)), "content-length": Buffer.byteLength(body) },
  },
  (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (part) => (text += part));
    answer.on("end", () => {
      /** @param {string} name */
      const field = (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
      if (answer.statusCode !== 200) return fail(field("Message") ?? text);
      process.stdout.write(
        JSON.stringify({
          Version: 1,
          ...Object.fromEntries(
            ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"].map((name) => [name, field(name)]),
          ),
        }),
      );
    });
  },
);
call.on("error", ({ message }) => fail(message));
call.end(body);

/** @param {string} message */
function fail(message) {
  process.stderr.write(`${person} cannot take ${roleArn}: ${message}\n`);
  process.exitCode = 1;
}
