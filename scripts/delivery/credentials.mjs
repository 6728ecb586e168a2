// The credentials that a build's service role has, as `credential_process` wants them (AWS SDKs and Tools Reference
// Guide, "Process credential provider"): from the container's endpoint, which renews them, else from the environment.
const host = "http://169.254.170.2";
const relative = process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;

/** @param {string} path @returns keys with the time when they end, so that the SDK asks again in time. */
async function fromContainer(path) {
  const answer = await fetch(new URL(path, host), { signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`the container's credentials endpoint answers ${answer.status}`);
  const keys = /** @type {Record<string, string>} */ (await answer.json());
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = keys;
  return { Version: 1, AccessKeyId, SecretAccessKey, SessionToken: Token, Expiration };
}

/** @param {NodeJS.ProcessEnv} environment */
function fromEnvironment({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }) {
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
    throw new Error("this process has neither a container's credentials nor access keys in its environment");
  return {
    Version: 1,
    AccessKeyId: AWS_ACCESS_KEY_ID,
    SecretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { SessionToken: AWS_SESSION_TOKEN } : {}),
  };
}

try {
  process.stdout.write(JSON.stringify(relative ? await fromContainer(relative) : fromEnvironment(process.env)));
} catch (error) {
  process.stderr.write(`credentials of the build: ${error.message}\n`);
  process.exitCode = 1;
}
