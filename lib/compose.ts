import type { IncomingMessage, Server } from "node:http";
import { join } from "node:path";
import { createApiGate } from "./access/api-gate.ts";
import { createIdentify, identifyAsLocal } from "./access/identity.ts";
import { createSignIn } from "./access/sign-in.ts";
import { createSignInThrottle } from "./access/sign-in-throttle.ts";
import { createCallTokens } from "./access/call-tokens.ts";
import { createGuard } from "./access/origin-guard.ts";
import { createRateLimits } from "./access/rate-limits.ts";
import { createReplyHeaders } from "./access/reply-headers.ts";
import { readOrMakeSecret } from "./access/server-secret.ts";
import type { AccountRecords } from "./call/accounts.ts";
import { createCallAccess } from "./call/call-access.ts";
import { CallRegistry } from "./call/call-registry.ts";
import type {
  CallRepository,
  Clock,
  Logger,
  ObjectionDetector,
  Redactor,
  Telemetry,
  TranscriptLibrary,
} from "./call/ports.ts";
import type { TranscriptionEngine } from "./call/transcription-ports.ts";
import type { PlaybookStore, ReadOutcomes } from "./call/playbook-ports.ts";
import { within } from "./call/patience.ts";
import type { AuditStore, RetentionStore } from "./call/privacy-ports.ts";
import { localPrincipal, maySeeCall } from "./call/principal.ts";
import { createOutcomeReader } from "./suggestions/outcome-reader.ts";
import { composePlaybookAccess, composePlaybooks } from "./compose-playbooks.ts";
import { composeEngines, type EngineParts } from "./compose-engines.ts";
import { composeLanguageModel } from "./compose-language-model.ts";
import { languageSchema, type TranscriberName } from "./contract/vocabulary.ts";
import { createObjectionDetector, leastConfidenceOfTalk } from "./objections/detector.ts";
import { loadModels } from "./objections/load-models.ts";
import { createSpeechReader } from "./objections/signals/speech-reader.ts";
import { claimFolder } from "./persistence/folder-claim.ts";
import { migrateDatabase } from "./persistence/migrate.ts";
import { createRepositoryClient } from "./persistence/repository-client.ts";
import { createUnsavedWrites } from "./persistence/unsaved-writes.ts";
import { systemClock } from "./platform/clock.ts";
import type { AppConfig } from "./platform/config.ts";
import { setContainer, type AppContainer, type EngineOffer } from "./platform/container.ts";
import { randomIds } from "./platform/ids.ts";
import { createMetrics } from "./platform/metrics.ts";
import type { Shutdown } from "./platform/shutdown.ts";
import { workerEntry } from "./platform/worker-entry.ts";
import { createAuditTrail } from "./privacy/audit-trail.ts";
import { createRedactor } from "./privacy/redaction/redactor.ts";
import { createRetention, retentionActor } from "./privacy/retention.ts";
import { createRealtime } from "./realtime/realtime.ts";
import type { Upgrade } from "./realtime/upgrade-dispatcher.ts";
import { createRecorder } from "./recording/recorder.ts";
import { wavView } from "./recording/wav-view.ts";
import { createHttpFront, type HttpFront, type HttpFrontOptions } from "./rest/http-front.ts";
import { isPage } from "./rest/routes.ts";

/**
 * Live calls are given this long at shutdown to be transcribed to their end; the rest of the ten seconds is for
 * sockets, engines and the database, which take several with fifty calls on a busy machine.
 */
const drainMs = 5000;
/** And the database this long, behind them, to finish what is being deleted; the next start does the rest. */
const tidyAtCloseMs = 500;

/** Null when nothing is to be taken out. */
function composeRedactor(config: AppConfig): Redactor | null {
  const kinds = new Set(config.redact.filter((kind) => kind !== "none"));
  return kinds.size === 0 ? null : createRedactor(kinds);
}

function offersOf(engines: ReadonlyMap<TranscriberName, TranscriptionEngine>): EngineOffer[] {
  return [...engines.values()].map((engine) => ({
    name: engine.name,
    languages: engine.languages,
    notices: Object.fromEntries(
      languageSchema.options.flatMap((language) => {
        const notice = engine.notice(language);
        return notice === null ? [] : [[language, notice] as const];
      }),
    ),
  }));
}

export interface AppParts {
  readonly config: AppConfig;
  readonly logger: Logger;
  readonly shutdown: Shutdown;
  readonly httpServer: Server;
  readonly appRoot: string;
  readonly entryUrl: string;
  readonly version: string;
  readonly engines?: ReadonlyMap<TranscriberName, TranscriptionEngine>;
  /** Ends the HTTP server, once the sockets are gone. */
  readonly stopServing: () => Promise<void>;
  /** Next's hot reload in development. */
  readonly devUpgrade: Upgrade | null;
}

export interface ComposedApp {
  readonly front: HttpFront;
  readonly container: AppContainer;
  /** Socket.IO's polling transport; false: not one of its requests. */
  readonly takeSocketRequest: ReturnType<typeof createRealtime>["takeRequest"];
  /** Resolves when the engine is warm. */
  readonly warm: Promise<void>;
  /** People have to sign in, and there is nobody who may. */
  readonly hasNoUsers: boolean;
}

export interface CallParts extends EngineParts {
  readonly telemetry: Telemetry;
  readonly shutdown: Shutdown;
  /** In place of those of the product, for measurements. */
  readonly engines?: ReadonlyMap<TranscriberName, TranscriptionEngine>;
}

export interface ComposedCalls {
  readonly registry: CallRegistry;
  readonly engines: ReadonlyMap<TranscriberName, TranscriptionEngine>;
  readonly repository: CallRepository;
  readonly retentionStore: RetentionStore;
  readonly auditStore: AuditStore;
  readonly library: TranscriptLibrary;
  readonly accounts: AccountRecords;
  readonly playbookStore: PlaybookStore;
  readonly outcomesOf: ReadOutcomes;
  readonly detector: ObjectionDetector;
}

/**
 * Calls with their engines and their storage in `config`'s folder, without anything that listens.
 * Rejects with `FolderInUseError` when another process has the folder.
 */
export async function composeCalls(parts: CallParts): Promise<ComposedCalls> {
  const { appRoot, clock, config, entryUrl, logger, shutdown, telemetry } = parts;
  shutdown.add("data folder", claimFolder(config.dataDir), { mayBeLeft: true });
  await migrateDatabase({
    databaseUrl: config.databaseUrl,
    migrationsFolder: join(appRoot, "prisma", "sqlite", "migrations"),
    logger,
  });
  const store = createRepositoryClient({
    workerUrl: workerEntry("store", entryUrl),
    databaseUrl: config.databaseUrl,
    clock,
    logger,
    tidyAtCloseMs,
    onReadRefused: () => {
      telemetry.count("reads_refused");
    },
  });
  // What was committed outlives the process; folding the log into the database may be the next one's.
  shutdown.add("database", () => store.close(), { mayBeLeft: true });
  await store.ready;
  const engines = parts.engines ?? composeEngines(parts);
  const [transcriber = "embedded"] = engines.keys();
  const closeEngines = async (): Promise<void> => {
    await Promise.all([...engines.values()].map((engine) => engine.close()));
  };
  shutdown.add("engines", closeEngines, { mayBeLeft: true });
  const models = await loadModels(join(appRoot, "data", "objections", "model"));
  const detector = createObjectionDetector(models, { leastConfidence: leastConfidenceOfTalk });
  const { model, prose } = composeLanguageModel({ ...parts, repository: store.repository });
  shutdown.add("summaries", () => prose?.close());
  const outcomesOf = createOutcomeReader({ store: store.playbooks, clock, logger });
  const registry = new CallRegistry({
    settings: { ...config, diarize: config.deepgramDiarize ?? true },
    defaults: {
      language: config.language,
      audioMode: config.audioMode,
      stereoLayout: config.stereoLayout,
      sampleRateHz: 16_000,
      transcriber,
    },
    consentRequired: config.consentRequired,
    maxLiveCalls: config.maxLiveCalls,
    engines,
    detector,
    speechReader: createSpeechReader(),
    playbooks: await composePlaybooks(parts, store.playbooks, outcomesOf),
    model,
    prose,
    redactor: composeRedactor(config),
    redactAudio: config.redactAudio,
    recorder: createRecorder({
      folder: join(config.dataDir, "audio"),
      clock,
      logger,
    }),
    repository: store.repository,
    unsaved: createUnsavedWrites(join(config.dataDir, "unsaved")),
    clock,
    ids: randomIds,
    logger,
    telemetry,
  });
  return {
    registry,
    engines,
    repository: store.repository,
    retentionStore: store.retention,
    auditStore: store.audit,
    library: store.library,
    accounts: store.accounts,
    playbookStore: store.playbooks,
    outcomesOf,
    detector,
  };
}

/** Puts the server together; what it opens is closed by `shutdown`, last opened first. */
export async function composeApp(parts: AppParts): Promise<ComposedApp> {
  const { appRoot, config, httpServer, logger, shutdown } = parts;
  const clock = systemClock;
  let liveCalls = (): number => 0;
  const metrics = createMetrics({ liveCalls: () => liveCalls() });
  const closeMetrics = (): void => {
    metrics.close();
  };
  shutdown.add("metrics", closeMetrics, { mayBeLeft: true });
  const calls = await composeCalls({
    ...parts,
    voiceThreshold: config.vadThreshold,
    clock,
    telemetry: metrics,
  });
  const { engines, registry } = calls;
  liveCalls = () => registry.activeCalls();
  await registry.recover();
  shutdown.add("http", parts.stopServing, { mayBeLeft: true });

  const guard = createGuard({
    publicUrl: config.publicUrl,
    corsOrigins: config.corsOrigins,
    isPage,
  });
  const tokens = createCallTokens({
    secret: config.authSecret ?? (await readOrMakeSecret(config.dataDir)),
    clock,
  });
  const audit = createAuditTrail({ store: calls.auditStore, clock, logger, telemetry: metrics });
  shutdown.add("audit log", () => audit.close());
  const accessFor = createCallAccess({
    desk: registry,
    library: calls.library,
    repository: calls.repository,
    tokens,
    audit,
    auditLog: calls.auditStore,
    clock,
    observerTokenMs: (config.sessionTimeoutSec + config.resumeWindowSec) * 1000,
  });
  const headers = createReplyHeaders({ publicUrl: config.publicUrl, dev: parts.devUpgrade !== null });
  const limits = createRateLimits({ behindProxy: config.publicUrl !== null, telemetry: metrics });
  const front = createHttpFront({
    guard,
    headers,
    limits,
    gate: createApiGate({ authSecret: config.authSecret }),
    ...composeAccounts(config, calls.accounts, clock),
    accessFor,
    wavView,
    recordedCallsFolder: join(appRoot, "data", "calls"),
    clock,
    logger,
  });
  const realtime = createRealtime({
    httpServer,
    door: registry,
    tokens,
    principalById: (id) =>
      config.authSecret === null ? Promise.resolve(localPrincipal) : calls.accounts.principalById(id),
    maySee: async (principal, callId) => maySeeCall(principal, (await registry.status(callId)).call),
    audit,
    guard: (request) => verdictOf(front, request),
    allowAnonymousLoopback: config.authSecret === null,
    isAllowedOrigin: (origin) => guard.isCorsOrigin(origin),
    replyHeaders: headers.always,
    throttle: {
      connecting: (request) => limits.count("socket", request, null),
      refused: (request) => limits.count("failure", request, null),
    },
    clock,
    logger,
    telemetry: metrics,
    timeoutSec: config.websocketTimeoutSec,
    ...(parts.devUpgrade === null ? {} : { devUpgrade: parts.devUpgrade }),
  });
  shutdown.add("sockets", () => realtime.close());
  const retention = createRetention({
    days: config.retentionDays,
    store: calls.retentionStore,
    isUnderWay: (callId) => registry.isUnderWay(callId),
    erase: (callId) => registry.erase(callId),
    noteDeletion: (callId) =>
      audit.note({ atMs: clock.nowMs(), principal: retentionActor, action: "deleted", callId }),
    alsoTidy: (nowMs) => audit.trim(nowMs),
    clock,
    logger,
    telemetry: metrics,
  });
  shutdown.add("calls", async () => {
    realtime.stopAdmitting();
    // Deletions that have begun go on beside the calls, and never cost them any of their time.
    await Promise.all([registry.drain(drainMs), within(clock, drainMs, retention.close())]);
  });
  retention.start();

  const [engine] = engines.values();
  let warmth: "warming" | "warm" | "failed" = "warming";
  const warm = Promise.resolve(engine?.start()).then(
    () => {
      warmth = "warm";
    },
    (error: unknown) => {
      warmth = "failed";
      logger.error({ err: error }, "the engine did not start");
    },
  );
  const container: AppContainer = {
    config,
    logger,
    clock,
    accessFor,
    playbooksFor: composePlaybookAccess({
      store: calls.playbookStore,
      outcomesOf: calls.outcomesOf,
      detector: calls.detector,
      audit,
      clock,
    }),
    activeCalls: () => registry.activeCalls(),
    metrics,
    version: parts.version,
    engines: offersOf(engines),
    readiness: () => {
      const missing = [
        ...(warmth === "warming" ? ["the speech engine is warming up"] : []),
        ...(warmth === "failed" ? ["the speech engine could not be started; see the log"] : []),
        ...(shutdown.started() ? ["the server is shutting down"] : []),
      ];
      return { ok: missing.length === 0, missing };
    },
    draining: () => shutdown.started(),
  };
  setContainer(container);
  return {
    front,
    container,
    takeSocketRequest: (request, response) => realtime.takeRequest(request, response),
    warm,
    hasNoUsers: config.authSecret !== null && (await isWithoutUsers(calls.accounts)),
  };
}

async function isWithoutUsers(records: AccountRecords): Promise<boolean> {
  const ever = { field: "createdAt", operator: "gt", value: 0 } as const;
  return records.findRecords("user", [ever], 1).then(
    (users) => users.length === 0,
    () => false,
  );
}

/** Who asks, and how people sign in. */
function composeAccounts(
  config: AppConfig,
  records: AccountRecords,
  clock: Clock,
): Pick<HttpFrontOptions, "identify" | "signInDoor"> {
  if (config.authSecret === null) return { identify: identifyAsLocal, signInDoor: null };
  const signIn = createSignIn({
    secret: config.authSecret,
    baseUrl: config.publicUrl ?? new URL("http://localhost"),
    records,
    clock,
  });
  return {
    identify: createIdentify({ records, signIn }),
    signInDoor: { ...createSignInThrottle({ behindProxy: config.publicUrl !== null }), ...signIn },
  };
}

function verdictOf(
  front: HttpFront,
  request: IncomingMessage,
): { ok: true } | { ok: false; status: number; problem: Readonly<Record<string, unknown>> } {
  const refusal = front.refusalOfUpgrade(request);
  return refusal === null
    ? { ok: true }
    : {
        ok: false,
        status: refusal.problem.status,
        problem: { ...refusal.problem },
      };
}
