import { AnalyzerService } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import type { AnalyzerStackConfigureRequest } from "@pulumi/pulumi/proto/analyzer_pb";

/** What the engine announces before it sends the first resource. */
export interface Announcement {
  readonly stack: string;
  /** Whether it is a preview. */
  readonly dryRun: boolean;
  /** A setting of the stack by its full key, such as `peregrine:owner`. */
  readonly setting: (key: string) => string | undefined;
}

/**
 * Hears which stack the engine is about to work on. `@pulumi/policy` 1.21 keeps of that message (ConfigureStack) the
 * tags only, and the variables PULUMI_STACK and PULUMI_DRY_RUN are set for packs that run without a language host. To
 * be called before the pack is made. `pulumi policy analyze` announces nothing.
 */
export function onAnnouncement(heard: (announcement: Announcement) => void): void {
  const message = (
    AnalyzerService as {
      configureStack?: { requestDeserialize: (bytes: Buffer) => AnalyzerStackConfigureRequest };
    }
  ).configureStack;
  // Another SDK may do without: then the rules find their stack by the resources' URNs.
  if (!message) return;
  const { requestDeserialize } = message;
  message.requestDeserialize = (bytes) => {
    const request = requestDeserialize(bytes);
    const config = request.getConfigMap();
    heard({ stack: request.getStack(), dryRun: request.getDryRun(), setting: (key) => config.get(key) });
    return request;
  };
}
