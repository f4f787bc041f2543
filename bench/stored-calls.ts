import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import type { CallSearch } from "../lib/call/ports.ts";
import { createRetention } from "../lib/privacy/retention.ts";
import { migrateDatabase } from "../lib/persistence/migrate.ts";
import { createRepositoryClient, type RepositoryClient } from "../lib/persistence/repository-client.ts";
import { sampleCall, sampleObjection, sampleSegment, sampleWrite } from "../lib/persistence/sample-calls.ts";
import { keptLog, storeWorker, systemClock, type LogLine } from "../lib/persistence/test-platform.ts";

/**
 * Lists and searches a large store while live calls are written: how long each takes as the caller sees it.
 * `--calls`, `--segments` (per call), `--queries`, `--live` (calls written meanwhile), `--database` (kept and
 * reused), `--expired` (calls deleted by age meanwhile, the oldest), `--json`.
 */
const { values: options } = parseArgs({
  options: {
    calls: { type: "string", default: "10000" },
    segments: { type: "string", default: "100" },
    queries: { type: "string", default: "200" },
    live: { type: "string", default: "20" },
    database: { type: "string" },
    expired: { type: "string", default: "0" },
    json: { type: "boolean", default: false },
  },
});
const callCount = Number(options.calls);
const segmentsPerCall = Number(options.segments);
const queryCount = Number(options.queries);
const liveCount = Number(options.live);
const expiredCount = Number(options.expired);
const wordsPerSegment = 10;
const callsPerRound = 50;
const objectionTypes = ["price", "timing", "authority", "competitor", "trust", "need", "other"] as const;

/** Deterministic, uniform in [0, 1): mulberry32 (T. Ettinger, public domain). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Words by Zipf's law: the commonest are Spanish stop words, the rest pronounceable inventions. */
function vocabulary(random: () => number): () => string {
  const stopWords =
    "de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me si sin sobre este ya entre cuando todo esta ser son dos también fue había era muy años hasta desde está mi porque qué sólo han yo hay vez puede todos así nos ni parte tiene él uno donde bien tiempo mismo ese ahora cada vida otro después te otros aunque esa eso hace otra precio contrato llamada".split(
      " ",
    );
  const syllables = "ba ce di fo gu la me ni po ru sa te vi lo ra to ca dé mó ña prés tra cla pri".split(" ");
  const words = [...stopWords];
  const known = new Set(words);
  while (words.length < 30_000) {
    const length = 2 + Math.floor(random() * 3);
    const word = Array.from({ length }, () => syllables[Math.floor(random() * syllables.length)]).join("");
    if (!known.has(word)) {
      known.add(word);
      words.push(word);
    }
  }
  const cumulative: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= words.length; rank++) cumulative.push((total += 1 / rank));
  return () => {
    const at = random() * total;
    let low = 0;
    let high = words.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return words[low] ?? "";
  };
}

const random = randomNumbers(20_260_309);
const word = vocabulary(random);
const sentence = (length: number) => Array.from({ length }, word).join(" ");

async function fill({ repository }: RepositoryClient): Promise<void> {
  const firstStartMs = Date.now() - callCount * 600_000;
  for (let first = 0; first < callCount; first += callsPerRound) {
    const round = Array.from({ length: Math.min(callsPerRound, callCount - first) }, (_, i) => first + i);
    await Promise.all(round.map((index) => storeCall(index, firstStartMs + index * 600_000)));
    if (!options.json && first % 1000 === 0) console.error(`${String(first)} calls stored`);
  }

  async function storeCall(index: number, startedAtMs: number): Promise<void> {
    const callId = `bench_${String(index).padStart(8, "0")}`;
    await repository.create(
      sampleCall(callId, {
        startedAtMs,
        title: sentence(3),
        customer: { name: sentence(2), company: sentence(1) },
      }),
    );
    await repository.write(
      sampleWrite(callId, {
        segments: Array.from({ length: segmentsPerCall }, (_, i) =>
          sampleSegment(`s${String(i).padStart(5, "0")}`, sentence(wordsPerSegment), {
            speaker: i % 2 === 0 ? 0 : 1,
            tsMs: i * 5000,
            endMs: i * 5000 + 4000,
            words: [],
          }),
        ),
        objections: Array.from({ length: index % 4 }, (_, i) =>
          sampleObjection(`o${String(i)}`, {
            type: objectionTypes[(index + i) % objectionTypes.length] ?? "other",
            text: sentence(3),
          }),
        ),
        changes: { status: "completed", endedAtMs: startedAtMs + segmentsPerCall * 5000 },
      }),
    );
  }
}

/** Writes a final line per live call every two seconds, as people talking would; tells how long each took. */
function keepWriting({ repository }: RepositoryClient, calls: number): () => Promise<readonly number[]> {
  const writes: Promise<void>[] = [];
  const tookMs: number[] = [];
  let line = 0;
  const callIds = Array.from({ length: calls }, (_, i) => `live_${String(Date.now())}_${String(i)}`);
  const created = callIds.map(async (callId, i) => {
    await repository.create(sampleCall(callId, { startedAtMs: Date.now() + i, title: sentence(3) }));
  });
  const timer = setInterval(
    () => {
      const number = line++;
      const callId = callIds[number % callIds.length] ?? "";
      const beganMs = performance.now();
      const text = sentence(wordsPerSegment);
      writes.push(
        repository
          .write(
            sampleWrite(callId, {
              segments: [
                sampleSegment(`s${String(number)}`, text, { tsMs: number * 100, endMs: number * 100 + 90 }),
              ],
              changes: { durableSamples: number * 1600 },
            }),
          )
          .then(() => {
            tookMs.push(performance.now() - beganMs);
          }),
      );
    },
    2000 / Math.max(1, calls),
  );
  return async () => {
    clearInterval(timer);
    await Promise.all([...created, ...writes]);
    for (const callId of callIds) await repository.delete(callId);
    return tookMs;
  };
}

/** One to four words drawn by how often they are said, the last one perhaps unfinished, as typed. */
function drawQuery(): string {
  const words = Array.from({ length: 1 + Math.floor(random() * 4) }, word);
  const last = words.pop() ?? "";
  return [...words, last.slice(0, 1 + Math.floor(random() * last.length))].join(" ");
}

const everything: CallSearch = {
  query: null,
  fromMs: null,
  toMs: null,
  objection: null,
  status: null,
  ownerId: null,
  limit: 20,
  cursor: null,
};

/** Deletes the oldest calls by age, as the server does, while live calls are written; tells what those noticed. */
async function deleteByAge(client: RepositoryClient) {
  const stopWriting = keepWriting(client, liveCount);
  const { repository, retention: store } = client;
  let left = expiredCount;
  const beganMs = performance.now();
  await new Promise<void>((done) => {
    const retention = createRetention({
      days: 1,
      store: {
        ...store,
        clockSeen: () => Promise.resolve(null),
        // Everything in this store is old: as many as were asked for are due.
        expired: async (beforeMs, limit, except) =>
          left === 0 ? [] : store.expired(beforeMs, Math.min(limit, left), except),
      },
      isUnderWay: () => false,
      erase: async (callId) => {
        await repository.delete(callId);
        left -= 1;
      },
      noteDeletion: () => Promise.resolve(),
      alsoTidy: () => {
        done();
        return Promise.resolve();
      },
      clock: systemClock,
      logger,
      telemetry: { count: () => undefined, latency: () => undefined },
    });
    retention.start();
    closeRetention = () => retention.close();
  });
  await closeRetention();
  const tookMs = performance.now() - beganMs;
  return {
    calls_per_second: Math.round(expiredCount / (tookMs / 10_000)) / 10,
    writes: percentiles(await stopWriting()),
  };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await run();
  return performance.now() - beganMs;
}

function percentiles(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
  return { count: sorted.length, p50_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1) };
}

const folder = options.database === undefined ? await mkdtemp(join(tmpdir(), "stored-calls-")) : null;
const path = options.database ?? join(folder ?? "", "bench.db");
const databaseUrl = `file:${path}`;
const log: LogLine[] = [];
const logger = keptLog(log);
await migrateDatabase({ databaseUrl, migrationsFolder: "prisma/sqlite/migrations", logger });
let closeRetention = (): Promise<void> => Promise.resolve();
const openClient = () => createRepositoryClient({ ...storeWorker, databaseUrl, clock: systemClock, logger });
let client = openClient();
try {
  await client.ready;
  const stored = (await client.repository.search({ ...everything, limit: 1 })).rows.length > 0;
  const fillMs = stored ? 0 : await timed(() => fill(client));
  // Closing waits until what completed calls leave in the live index is cleared away.
  await client.close();
  client = openClient();
  await client.ready;
  const { repository } = client;
  await repository.search({ ...everything, query: "de" });

  const stopWriting = keepWriting(client, liveCount);
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  const list: number[] = [];
  const search: number[] = [];
  const filtered: number[] = [];
  let hits = 0;
  for (let i = 0; i < queryCount; i++) {
    list.push(await timed(() => repository.search(everything)));
    const query = drawQuery();
    search.push(
      await timed(async () => {
        hits += (await repository.search({ ...everything, query })).rows.length;
      }),
    );
    const objection = objectionTypes[i % objectionTypes.length] ?? "other";
    filtered.push(await timed(() => repository.search({ ...everything, query: drawQuery(), objection })));
  }
  loop.disable();
  const writes = await stopWriting();
  const deletion = expiredCount === 0 ? null : await deleteByAge(client);
  const report = {
    calls: callCount,
    segments: callCount * segmentsPerCall,
    live_calls: liveCount,
    fill_seconds: Math.round(fillMs / 1000),
    database_mb: Math.round((await stat(path)).size / 1e6),
    calls_found: hits,
    list: percentiles(list),
    search: percentiles(search),
    search_by_objection: percentiles(filtered),
    live_writes: percentiles(writes),
    complaints: log.filter((line) => line.level === "warn" || line.level === "error").length,
    ...(deletion === null
      ? {}
      : { deleted_per_second: deletion.calls_per_second, live_writes_while_deleting: deletion.writes }),
    event_loop_delay_p99_ms: Math.round(loop.percentile(99) / 1e5) / 10,
  };
  if (options.json) {
    console.log(JSON.stringify(report));
  } else {
    const {
      list: a,
      search: b,
      search_by_objection: c,
      live_writes: d,
      live_writes_while_deleting: e,
      ...numbers
    } = report;
    console.table(numbers);
    console.table({
      list: a,
      search: b,
      search_by_objection: c,
      live_writes: d,
      ...(e === undefined ? {} : { live_writes_while_deleting: e }),
    });
  }
} finally {
  await client.close();
  if (folder !== null) await rm(folder, { recursive: true });
}
