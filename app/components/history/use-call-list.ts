"use client";

import { useEffect, useState } from "react";
import { listCalls, type CallFilters } from "../../../lib/client/rest-client.ts";
import type { CallListItem } from "../../../lib/contract/rest.ts";

const debounceMs = 250;

export interface CallList {
  readonly state: "loading" | "ready" | "failed";
  readonly calls: readonly CallListItem[];
  readonly nextCursor: string | null;
  readonly error: unknown;
  readonly isLoadingMore: boolean;
  readonly more: () => void;
  readonly retry: () => void;
}

type Loaded = Pick<CallList, "state" | "calls" | "nextCursor" | "error">;

/** The calls that match, page by page; typing waits a moment, and a newer question cancels an older one. */
export function useCallList(filters: CallFilters): CallList {
  const [loaded, setLoaded] = useState<Loaded>({
    state: "loading",
    calls: [],
    nextCursor: null,
    error: null,
  });
  const [isLoadingMore, setLoadingMore] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const { query, fromDay, toDay, objection, status } = filters;
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      listCalls({ query, fromDay, toDay, objection, status }, null, abort.signal).then(
        (reply) => {
          setLoaded({ state: "ready", calls: reply.calls, nextCursor: reply.next_cursor, error: null });
        },
        (error: unknown) => {
          if (!abort.signal.aborted) setLoaded({ state: "failed", calls: [], nextCursor: null, error });
        },
      );
    }, debounceMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query, fromDay, toDay, objection, status, attempt]);

  return {
    ...loaded,
    isLoadingMore,
    more: () => {
      if (loaded.nextCursor === null || isLoadingMore) return;
      setLoadingMore(true);
      listCalls(filters, loaded.nextCursor, new AbortController().signal)
        .then(
          (reply) => {
            setLoaded((before) => ({
              ...before,
              // The filters may have changed while this page was on its way.
              ...(before.nextCursor === loaded.nextCursor
                ? { calls: [...before.calls, ...reply.calls], nextCursor: reply.next_cursor }
                : {}),
            }));
          },
          (error: unknown) => {
            setLoaded((before) => ({ ...before, state: "failed", error }));
          },
        )
        .finally(() => {
          setLoadingMore(false);
        });
    },
    retry: () => {
      setLoaded((before) => ({ ...before, state: "loading" }));
      setAttempt((count) => count + 1);
    },
  };
}
