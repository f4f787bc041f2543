import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Session, type Profiler } from "node:inspector";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

/** Shares, from 0 to 1, of what the main thread did, by stage of the way of audio and words. */
export type StageShares = Readonly<Record<string, number>>;

const stages: readonly (readonly [stage: string, place: RegExp])[] = [
  ["objections and suggestions", /\/lib\/(objections|suggestions)\/|\/lib\/call\/(coach|spoken-turns)/u],
  ["Deepgram engine", /\/lib\/transcription\/|\/@deepgram\/|\/zod\//u],
  ["recording", /\/lib\/recording\/|\/lib\/call\/(audio-|arrival|engine-feed|hearing|call-pipeline)/u],
  [
    "events and storage",
    /\/lib\/(persistence|privacy)\/|\/lib\/call\/(event|write|unsaved|records)|node:internal\/(worker|per_context)/u,
  ],
  ["transcript and call", /\/lib\/call\//u],
  ["metrics and log", /\/prom-client\/|\/pino|\/lib\/platform\//u],
  [
    "sockets",
    /\/lib\/realtime\/|\/ws\/|\/(socket|engine)\.io|node:(net|_http|internal\/(stream|streams))|stream_base_commons|node:internal\/js_stream/u,
  ],
  ["files", /node:(fs|internal\/fs)/u],
];

/** Samples what the main thread does. */
export class CpuProfile {
  readonly #session = new Session();

  start(): Promise<void> {
    this.#session.connect();
    return new Promise((resolve, reject) => {
      this.#session.post("Profiler.enable", () => {
        this.#session.post("Profiler.setSamplingInterval", { interval: 500 }, () => {
          this.#session.post("Profiler.start", (error) => {
            if (error === null) resolve();
            else reject(error);
          });
        });
      });
    });
  }

  stop(): Promise<Profiler.Profile> {
    return new Promise((resolve, reject) => {
      this.#session.post("Profiler.stop", (error, stopped) => {
        this.#session.disconnect();
        if (error === null) resolve(stopped.profile);
        else reject(error);
      });
    });
  }
}

/** A function without a place of its own, such as a copy of bytes, counts to whom it works for. */
export function stageShares(profile: Profiler.Profile): StageShares {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const stageOfNode = new Map<number, string>();
  const visit = (node: Profiler.ProfileNode, parent: string): void => {
    const stage = ownStage(node) ?? parent;
    stageOfNode.set(node.id, stage);
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child !== undefined) visit(child, stage);
    }
  };
  const [root] = profile.nodes;
  if (root !== undefined) visit(root, "Node and the rest");
  const times: Record<string, number> = {};
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const stage = stageOfNode.get(id) ?? "Node and the rest";
    if (stage === "idle") continue;
    times[stage] = (times[stage] ?? 0) + (profile.timeDeltas?.[index] ?? 0);
  }
  // Not milliseconds: where the machine is busy elsewhere, the clock goes on while nothing is done here.
  const whole = Object.values(times).reduce((sum, time) => sum + time, 0);
  return Object.fromEntries(Object.entries(times).map(([stage, time]) => [stage, time / whole]));
}

function ownStage({ callFrame }: Profiler.ProfileNode): string | null {
  // The second is the profiler itself.
  const isProfiler = callFrame.functionName === "dispatch" && callFrame.url === "";
  if (callFrame.functionName === "(idle)" || isProfiler) return "idle";
  if (callFrame.functionName === "(garbage collector)") return "garbage collection";
  const source = sourceOf(callFrame);
  return stages.find(([, place]) => place.test(source))?.[0] ?? null;
}

const maps = new Map<string, SourceMap | null>();

/** Of a bundle, the file that the function was written in. */
function sourceOf({ columnNumber, lineNumber, url }: Profiler.ProfileNode["callFrame"]): string {
  if (!url.startsWith("file:")) return url;
  const path = `${fileURLToPath(url)}.map`;
  if (!maps.has(path)) {
    maps.set(
      path,
      existsSync(path)
        ? new SourceMap(JSON.parse(readFileSync(path, "utf8")) as ConstructorParameters<typeof SourceMap>[0])
        : null,
    );
  }
  const entry = maps.get(path)?.findEntry(lineNumber, columnNumber);
  return entry !== undefined && "originalSource" in entry ? `/${entry.originalSource}` : url;
}

/** Milliseconds of CPU that each thread of this process has taken, the main thread first. */
export function threadTimes(): readonly number[] {
  const ticksMs = 10;
  const times = readdirSync("/proc/self/task").map((thread) => {
    const fields = readFileSync(`/proc/self/task/${thread}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    const ms = (Number(fields[11]) + Number(fields[12])) * ticksMs;
    return { isMain: Number(thread) === process.pid, ms };
  });
  return times.sort((a, b) => Number(b.isMain) - Number(a.isMain)).map(({ ms }) => ms);
}
