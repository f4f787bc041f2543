import type { CallEvent } from "../../contract/events.ts";
import { CallError } from "../errors.ts";
import type { CallPage, CallRepository } from "../ports.ts";
import type {
  CallRecord,
  CallWrite,
  StoredCall,
  StoredInsight,
  StoredObjection,
  StoredSegment,
  StoredSuggestion,
} from "../stored-call.ts";

interface Kept {
  call: CallRecord;
  readonly segments: Map<string, StoredSegment>;
  readonly objections: Map<string, StoredObjection>;
  readonly suggestions: Map<string, StoredSuggestion>;
  readonly insights: Map<string, StoredInsight>;
  readonly events: CallEvent[];
}

/** A repository in memory that can be made to fail. */
export class MemoryRepository implements CallRepository {
  readonly calls = new Map<string, Kept>();
  failing = false;

  async create(call: CallRecord): Promise<void> {
    await this.#answer();
    this.calls.set(call.callId, {
      call,
      segments: new Map(),
      objections: new Map(),
      suggestions: new Map(),
      insights: new Map(),
      events: [],
    });
  }

  async write(write: CallWrite): Promise<void> {
    await this.#answer();
    const kept = this.calls.get(write.callId);
    if (kept === undefined) return;
    kept.call = { ...kept.call, ...write.changes };
    kept.events.push(...structuredClone(write.events));
    for (const row of write.segments) kept.segments.set(row.segmentId, row);
    for (const segmentId of write.takenOut ?? []) {
      const text = kept.segments.get(segmentId)?.text ?? "";
      for (const event of kept.events) {
        if (event.type === "transcript_update" && event.data.segment_id === segmentId) {
          Object.assign(event.data, { text, words: [] });
        }
      }
    }
    for (const row of write.objections) kept.objections.set(row.objectionId, row);
    for (const row of write.suggestions) {
      const before = kept.suggestions.get(row.suggestionId);
      const isExchanged =
        before?.status === "final" && (before.text !== row.text || before.source !== row.source);
      const { feedback = null, said = null } = isExchanged ? {} : (before ?? {});
      kept.suggestions.set(row.suggestionId, { ...row, feedback: row.feedback ?? feedback, said });
    }
    for (const { suggestionId, segmentId, similarity } of write.said ?? []) {
      const row = kept.suggestions.get(suggestionId);
      if (row !== undefined) kept.suggestions.set(suggestionId, { ...row, said: { segmentId, similarity } });
    }
    for (const row of write.insights ?? []) kept.insights.set(row.insight_id, row);
  }

  async get(callId: string): Promise<CallRecord | null> {
    await this.#answer();
    return this.calls.get(callId)?.call ?? null;
  }

  async load(callId: string): Promise<StoredCall | null> {
    await this.#answer();
    const kept = this.calls.get(callId);
    if (kept === undefined) return null;
    return {
      call: kept.call,
      segments: [...kept.segments.values()].sort(
        (a, b) => a.tsMs - b.tsMs || (a.segmentId < b.segmentId ? -1 : 1),
      ),
      objections: [...kept.objections.values()],
      suggestions: [...kept.suggestions.values()],
      insights: [...kept.insights.values()],
    };
  }

  async eventsAfter(callId: string, afterSeq: number, limit: number): Promise<readonly CallEvent[]> {
    await this.#answer();
    const events = this.calls.get(callId)?.events ?? [];
    return events.filter((event) => event.data.seq > afterSeq).slice(0, limit);
  }

  async search(): Promise<CallPage> {
    await this.#answer();
    return { rows: [], nextCursor: null };
  }

  async unfinished(): Promise<readonly CallRecord[]> {
    await this.#answer();
    return [...this.calls.values()].map(({ call }) => call).filter(({ status }) => status !== "completed");
  }

  async setFeedback(
    callId: string,
    suggestionId: string,
    verdict: "used" | "dismissed" | "wrong",
  ): Promise<boolean> {
    await this.#answer();
    const suggestions = this.calls.get(callId)?.suggestions;
    const row = suggestions?.get(suggestionId);
    if (row === undefined) return false;
    suggestions?.set(suggestionId, { ...row, feedback: verdict });
    return true;
  }

  async delete(callId: string): Promise<boolean> {
    await this.#answer();
    return this.calls.delete(callId);
  }

  async #answer(): Promise<void> {
    await Promise.resolve();
    if (this.failing) throw new CallError("storage_failed", "The database is away.");
  }
}
