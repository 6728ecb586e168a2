import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError, validationException } from "../../errors";
import { page, timestampMs } from "../pages";
import type { Archivist } from "./archivist";
import { type Archive, busName, type EventStore, type Replay } from "./buses";
import { compilePattern } from "./patterns";
import type { Router } from "./routing";

/** Archives of buses, and replays of what they hold. */
export function archiveOperations(store: EventStore, router: Router): Record<string, Handler> {
  return { ...ownArchives(store, router.archivist), ...replays(store, router) };
}

function ownArchives(store: EventStore, archivist: Archivist): Record<string, Handler> {
  const { cloud } = store;
  const answer = (archive: Archive): Members => ({
    ArchiveArn: archive.arn,
    State: "ENABLED",
    CreationTime: new Date(archive.createdMs),
  });
  const shown = (archive: Archive): Members => {
    const held = archivist.held(archive);
    return {
      ArchiveName: archive.name,
      EventSourceArn: archive.busArn,
      State: "ENABLED",
      RetentionDays: archive.retentionDays,
      SizeBytes: held.reduce((sum, { event }) => sum + Buffer.byteLength(JSON.stringify(event)), 0),
      EventCount: held.length,
      CreationTime: new Date(archive.createdMs),
    };
  };
  return {
    CreateArchive(input) {
      const name = input["ArchiveName"] as string;
      if (store.archives.has(name))
        throw new AwsError("ResourceAlreadyExistsException", `Archive ${name} already exists.`);
      const bus = store.bus(input["EventSourceArn"]);
      if (input["EventPattern"] !== undefined) compilePattern(input["EventPattern"]);
      const archive: Archive = {
        name,
        arn: cloud.arn("events", `archive/${name}`),
        busName: bus.name,
        busArn: bus.arn,
        description: input["Description"],
        pattern: input["EventPattern"],
        kmsKeyIdentifier: input["KmsKeyIdentifier"],
        retentionDays: input["RetentionDays"] ?? 0,
        createdMs: cloud.clock.nowMs(),
      };
      store.archives.put(name, archive);
      return answer(archive);
    },
    UpdateArchive(input) {
      const archive = store.archive(input["ArchiveName"]);
      if (input["EventPattern"] !== undefined) compilePattern(input["EventPattern"]);
      const next = {
        ...archive,
        description: input["Description"] ?? archive.description,
        pattern: input["EventPattern"] ?? archive.pattern,
        kmsKeyIdentifier: input["KmsKeyIdentifier"] ?? archive.kmsKeyIdentifier,
        retentionDays: input["RetentionDays"] ?? archive.retentionDays,
      };
      store.archives.put(next.name, next);
      return answer(next);
    },
    DescribeArchive(input) {
      const archive = store.archive(input["ArchiveName"]);
      return {
        ...shown(archive),
        ArchiveArn: archive.arn,
        Description: archive.description,
        EventPattern: archive.pattern,
        KmsKeyIdentifier: archive.kmsKeyIdentifier,
      };
    },
    ListArchives(input) {
      const rows = [...store.archives.values()].filter(
        (archive) =>
          archive.name.startsWith(input["NamePrefix"] ?? "") &&
          (input["EventSourceArn"] === undefined || archive.busArn === input["EventSourceArn"]),
      );
      const { items, next } = page(rows, input["NextToken"], input["Limit"] ?? 100);
      return { Archives: items.map(shown), NextToken: next };
    },
    DeleteArchive(input) {
      const archive = store.archive(input["ArchiveName"]);
      archivist.drop(archive);
      store.archives.delete(archive.name);
      return {};
    },
  };
}

function replays(store: EventStore, router: Router): Record<string, Handler> {
  const { cloud } = store;
  const get = (name: string): Replay => {
    const found = store.replays.get(name);
    if (!found) throw new AwsError("ResourceNotFoundException", `Replay ${name} does not exist.`);
    return found;
  };
  const shown = (replay: Replay): Members => ({
    ReplayName: replay.name,
    State: replay.state,
    EventSourceArn: replay.archiveArn,
    EventStartTime: new Date(replay.fromMs),
    EventEndTime: new Date(replay.toMs),
    ReplayStartTime: new Date(replay.startedMs),
    ReplayEndTime: new Date(replay.startedMs),
    ...(replay.lastMs === undefined ? {} : { EventLastReplayedTime: new Date(replay.lastMs) }),
  });
  return {
    StartReplay(input) {
      const name = input["ReplayName"] as string;
      if (store.replays.has(name))
        throw new AwsError("ResourceAlreadyExistsException", `Replay ${name} already exists.`);
      const archive = store.archive(String(input["EventSourceArn"]).replace(/^arn:[^/]*archive\//, ""));
      const { Arn: busArn, FilterArns: filter } = input["Destination"] as { Arn: string; FilterArns?: string[] };
      if (busName(busArn) !== archive.busName)
        throw validationException(
          "Parameter Destination.Arn is not valid. Reason: Must be the event bus that the archive was created from.",
        );
      const [fromMs, toMs] = [timestampMs(input["EventStartTime"])!, timestampMs(input["EventEndTime"])!];
      if (fromMs >= toMs)
        throw validationException(
          "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.",
        );
      const again = router.archivist.held(archive).filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
      for (const { event } of again) router.route(archive.busName, { ...event, "replay-name": name }, filter);
      const replay: Replay = {
        name,
        arn: cloud.arn("events", `replay/${name}`),
        description: input["Description"],
        archiveArn: archive.arn,
        busArn,
        filter,
        fromMs,
        toMs,
        state: "COMPLETED",
        startedMs: cloud.clock.nowMs(),
        lastMs: again.at(-1)?.atMs,
      };
      store.replays.put(name, replay);
      return { ReplayArn: replay.arn, State: "STARTING", ReplayStartTime: new Date(replay.startedMs) };
    },
    DescribeReplay(input) {
      const replay = get(input["ReplayName"]);
      return {
        ...shown(replay),
        ReplayArn: replay.arn,
        Description: replay.description,
        Destination: { Arn: replay.busArn, ...(replay.filter ? { FilterArns: replay.filter } : {}) },
      };
    },
    ListReplays(input) {
      const rows = [...store.replays.values()].filter(
        (replay) =>
          replay.name.startsWith(input["NamePrefix"] ?? "") &&
          (input["EventSourceArn"] === undefined || replay.archiveArn === input["EventSourceArn"]),
      );
      const { items, next } = page(rows, input["NextToken"], input["Limit"] ?? 100);
      return { Replays: items.map(shown), NextToken: next };
    },
    CancelReplay(input) {
      const { name, state } = get(input["ReplayName"]);
      throw new AwsError("IllegalStatusException", `Replay ${name} is in state ${state} and cannot be canceled.`);
    },
  };
}
