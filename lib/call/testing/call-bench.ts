import type { CallEvent, CallEventPayloads, CallEventType, ServerMessage } from "../../contract/events.ts";
import type { SessionStartRequest } from "../../contract/rest.ts";
import type { ConnectionRole } from "../../contract/vocabulary.ts";
import { CallRegistry, type RegistryOptions } from "../call-registry.ts";
import type { Logger, SpeechReader } from "../ports.ts";
import type { ConnectionOutlet, Seat } from "../seat.ts";
import { ManualClock, settle } from "./manual-clock.ts";
import { MemoryRecorder } from "./memory-recorder.ts";
import { MemoryRepository } from "./memory-repository.ts";
import { MemoryUnsaved } from "./memory-unsaved.ts";
import { PuppetEngine, type PuppetStream } from "./puppet-engine.ts";

export const quietLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quietLogger,
};

/** A connection that remembers what it was sent. */
export class Listener implements ConnectionOutlet {
  readonly messages: ServerMessage[] = [];
  closed: { code: number; reason: string } | null = null;

  send(message: ServerMessage): void {
    this.messages.push(structuredClone(message));
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  caughtUp(): null {
    return null;
  }

  of<T extends CallEventType>(type: T): CallEventPayloads[T][] {
    return this.messages.flatMap((message) =>
      message.type === type ? [message.data as CallEventPayloads[T]] : [],
    );
  }

  callEvents(): CallEvent[] {
    return this.messages.filter((message): message is CallEvent => "seq" in message.data);
  }
}

/** "encaja" is a buying signal, "mando" a commitment, what ends with a question mark a question. */
const puppetReader: SpeechReader = {
  read(text) {
    const spanOf = (pattern: RegExp): { start: number; end: number } | null => {
      const match = pattern.exec(text);
      return match === null ? null : { start: match.index, end: match.index + match[0].length };
    };
    const words = text.match(/\p{L}+/gu) ?? [];
    const buying = spanOf(/encaja/u);
    const commitment = spanOf(/mando .*/u);
    const isQuestion = text.endsWith("?");
    const evidence = { start: 0, end: text.length };
    return {
      words: words.length,
      fillers: words.filter((word) => word === "eh").length,
      questions: isQuestion ? 1 : 0,
      isBackchannel: text === "ajá",
      signals: [
        ...(buying === null ? [] : [{ kind: "buying_signal" as const, evidence: buying, when: null }]),
        ...(commitment === null
          ? []
          : [{ kind: "commitment" as const, evidence: commitment, when: spanOf(/mañana/u) }]),
      ],
      asked: isQuestion ? [{ text, evidence, wants: "open" as const, topics: words }] : [],
      answer: {
        topics: words,
        statementWords: isQuestion ? 0 : words.length,
        saysYesOrNo: text.startsWith("sí"),
        givesQuantity: /\d/u.test(text),
        isPutOff: text.includes("luego"),
        changesSubject: text.startsWith("por cierto"),
      },
    };
  },
};

/** A registry on memory, with a hand-moved clock, a speaking puppet and "caro"/"jefe" as objections. */
export class CallBench {
  readonly clock = new ManualClock();
  readonly recorder = new MemoryRecorder();
  readonly repository = new MemoryRepository();
  readonly unsaved = new MemoryUnsaved();
  readonly engine = new PuppetEngine();
  registry: CallRegistry;
  #ids = 0;

  constructor(options: Partial<RegistryOptions> = {}) {
    this.registry = this.newRegistry(options);
  }

  /** What a new process on the same storage would have. */
  newRegistry(options: Partial<RegistryOptions> = {}): CallRegistry {
    return new CallRegistry({
      settings: { resumeWindowSec: 120, sessionTimeoutSec: 14_400, vadEnabled: true, diarize: true },
      defaults: {
        language: "es",
        audioMode: "stereo",
        stereoLayout: "LR",
        sampleRateHz: 16_000,
        transcriber: "scripted",
      },
      consentRequired: false,
      maxLiveCalls: null,
      engines: new Map([["scripted", this.engine]]),
      detector: {
        detect: ({ text, role }) => {
          const word = /caro|jefe/u.exec(text);
          if (role === "rep" || word === null) return null;
          const evidence = [{ start: word.index, end: word.index + word[0].length }];
          return {
            type: word[0] === "caro" ? "price" : "authority",
            confidence: 0.9,
            source: "rule",
            evidence,
          };
        },
        doubt: ({ text }) => (text.includes("quizá") ? { type: "timing", confidence: 0.4 } : null),
      },
      playbooks: {
        open: (name, version) =>
          Promise.resolve({
            name: name ?? "default",
            version: version ?? 1,
            suggester: {
              coaching: { cooldownMs: 45_000, maxCardsPerMinute: 3, provisional: true, nudges: true },
              suggest: ({ type }) => ({
                text: `Réplica ${type}`,
                source: "playbook",
                playbookEntry: `e-${type}`,
                fits: true,
              }),
              keyterms: () => [],
              watched: () => ({ competitors: ["Rivalia"], keywords: ["auditoría"] }),
            },
          }),
      },
      speechReader: puppetReader,
      model: null,
      prose: null,
      redactor: null,
      redactAudio: false,
      recorder: this.recorder,
      repository: this.repository,
      unsaved: this.unsaved,
      clock: this.clock,
      ids: { next: (prefix) => `${prefix}${String((this.#ids += 1)).padStart(8, "0")}` },
      logger: quietLogger,
      telemetry: { count: () => undefined, latency: () => undefined },
      ...options,
    });
  }

  get stream(): PuppetStream {
    const stream = this.engine.streams.at(-1);
    if (stream === undefined) throw new Error("no call has been started");
    return stream;
  }

  async join(callId: string, role: ConnectionRole = "host"): Promise<{ seat: Seat; heard: Listener }> {
    const heard = new Listener();
    const seat = await this.registry.join({ callId, role, outlet: heard });
    return { seat, heard };
  }

  /** A call with a host that has started it. */
  async live(request: SessionStartRequest = {}): Promise<{ callId: string; seat: Seat; heard: Listener }> {
    const { callId } = await this.registry.start(request);
    const { seat, heard } = await this.join(callId);
    await seat.start(undefined);
    await settle();
    return { callId, seat, heard };
  }
}

/** Stereo frames of so many samples, filled so that no two are alike. */
export function frame(samples: number, fill = 1): Uint8Array {
  return new Uint8Array(samples * 4).fill(fill);
}
