import type { Members } from "../members";
import type { Handler } from "../operation";
import { AwsError } from "../errors";

/** What moto does not know of CloudWatch Logs: it passes over a prefix of stream names. */
export function logOperations(toMoto: Handler): Record<string, Handler> {
  return {
    async FilterLogEvents(input, call) {
      const { logStreamNamePrefix: prefix, ...rest } = input;
      if (prefix === undefined) return toMoto(input, call);
      // FilterLogEvents, `logStreamNames`: "If you specify a value for both ..., the action returns an
      // InvalidParameterException error".
      if (input.logStreamNames !== undefined)
        throw new AwsError(
          "InvalidParameterException",
          "LogStreamNamePrefix and LogStreamNames cannot both be specified.",
        );
      const inside = { ...call, caller: { ...call.caller, raw: undefined } };
      const names: string[] = [];
      for (let nextToken: unknown; ;) {
        const page = (await toMoto(
          { logGroupName: input.logGroupName, logStreamNamePrefix: prefix, nextToken },
          { ...inside, operation: "DescribeLogStreams" },
        )) as Members;
        names.push(...((page.logStreams ?? []) as Members[]).map(({ logStreamName }) => String(logStreamName)));
        nextToken = page.nextToken;
        if (nextToken === undefined) break;
      }
      return names.length === 0
        ? { events: [], searchedLogStreams: [] }
        : toMoto({ ...rest, logStreamNames: names }, inside);
    },
  };
}
