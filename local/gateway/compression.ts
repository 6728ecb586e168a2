import { gunzipSync } from "node:zlib";
import type { Incoming } from "./http";

/** No compressed request is larger than this when it is unpacked: PutMetricData takes 1 MB (CloudWatch API). */
const maxUnpackedBytes = 16 * 1024 ** 2;

/**
 * A request whose body was compressed on its way, as it was before. SDKs compress what their models allow from 10 KiB
 * on, and sign what they send. A body that is no gzip stays as it is: its protocol refuses it.
 */
export function uncompressed(incoming: Incoming): Incoming {
  if (incoming.headers["content-encoding"]?.toLowerCase() !== "gzip") return incoming;
  try {
    return { ...incoming, body: gunzipSync(incoming.body, { maxOutputLength: maxUnpackedBytes }) };
  } catch {
    return incoming;
  }
}
