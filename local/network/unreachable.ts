import { AwsError } from "../errors";

/**
 * A call that leaves its network by no way. On AWS nothing answers, and the client gives up after its own time; here
 * the connection is closed at once. The message is botocore's for that, and the reason, which AWS tells nobody.
 */
export class Unreachable extends AwsError {
  constructor(
    readonly serviceName: string,
    host: string,
    readonly reason: string,
  ) {
    super("ConnectTimeoutError", `Connect timeout on endpoint URL: "https://${host}/" (${reason})`, 503);
  }
}
