"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { SingleHead } from "../../../lib/client/merge-playbooks.ts";
import {
  listPlaybooks,
  readPlaybook,
  restorePlaybook,
  savePlaybook,
} from "../../../lib/client/playbook-client.ts";
import { mergedDesk, openedDesk, savedDesk, type PlaybookDesk } from "../../../lib/client/playbook-desk.ts";
import { RestError } from "../../../lib/client/rest-client.ts";
import { playbookSchema, type Playbook } from "../../../lib/contract/playbook.ts";
import type { PlaybookListReply, PlaybookReply } from "../../../lib/contract/playbook-rest.ts";
import { faultsAt, faultsOf, type Fault } from "./faults.ts";

export interface Asked {
  readonly name: string | null;
  readonly version: number | null;
}

export interface PlaybookRoom {
  readonly list: PlaybookListReply["playbooks"];
  /** Null while it is on its way. */
  readonly desk: PlaybookDesk | null;
  /** It is the current version, so it may be changed. */
  readonly isCurrent: boolean;
  readonly isChanged: boolean;
  readonly isSaving: boolean;
  readonly isSaved: boolean;
  readonly error: unknown;
  readonly faults: readonly Fault[];
  /** What somebody else has saved meanwhile. */
  readonly conflict: PlaybookReply | null;
  /** What both had changed when their version and mine were put together, and is mine. */
  readonly keptMine: readonly SingleHead[];
  readonly change: (change: (draft: Playbook) => Playbook) => void;
  readonly save: () => void;
  readonly discard: () => void;
  /** Their version becomes the base, with my changes put into it. */
  readonly merge: () => void;
  /** The old version that is shown becomes the current one. */
  readonly restore: () => void;
  readonly show: (asked: Asked) => void;
  /** What was just stored takes the place of what is shown. */
  readonly accept: (stored: PlaybookReply) => void;
}

/** The playbook that is looked at, and what is being made of it. */
export function usePlaybook(first: Asked): PlaybookRoom {
  const [asked, setAsked] = useState(first);
  const [list, setList] = useState<PlaybookListReply["playbooks"]>([]);
  const [desk, setDesk] = useState<PlaybookDesk | null>(null);
  const [conflict, setConflict] = useState<PlaybookReply | null>(null);
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [isSaving, setSaving] = useState(false);
  const [isSaved, setSaved] = useState(false);

  const noteStored = useCallback((reply: PlaybookReply) => {
    setConflict(null);
    setFaults([]);
    setError(null);
    listPlaybooks().then(setList, () => undefined);
    const query = new URLSearchParams({ name: reply.name });
    if (reply.version !== reply.current_version) query.set("version", reply.version.toString());
    window.history.replaceState(null, "", `/playbook?${query.toString()}`);
  }, []);

  const accept = useCallback(
    (reply: PlaybookReply) => {
      setDesk((before) => openedDesk(before, reply));
      noteStored(reply);
    },
    [noteStored],
  );

  useEffect(() => {
    let isGone = false;
    const load = async (): Promise<void> => {
      const name = asked.name ?? (await listPlaybooks())[0]?.name;
      if (name === undefined) return;
      const reply = await readPlaybook(name, asked.version);
      if (!isGone) accept(reply);
    };
    load().catch((cause: unknown) => {
      if (!isGone) setError(cause);
    });
    return () => {
      isGone = true;
    };
  }, [asked, accept]);

  const stored = desk?.stored ?? null;
  const isChanged = desk !== null && JSON.stringify(desk.draft) !== JSON.stringify(desk.stored.playbook);
  const latest = useRef(desk);
  useEffect(() => {
    latest.current = desk;
  });

  const save = async (): Promise<void> => {
    if (desk === null || isSaving) return;
    const checked = playbookSchema.safeParse(desk.draft);
    if (!checked.success) {
      setFaults(faultsOf(checked.error));
      return;
    }
    setSaving(true);
    try {
      const reply = await savePlaybook(checked.data, desk.stored.version);
      setDesk((now) => (now === null ? null : savedDesk(now, desk, reply)));
      // Another one may have been opened meanwhile.
      if (latest.current?.stored !== desk.stored) return;
      noteStored(reply);
      setSaved(true);
    } catch (cause) {
      const problem = cause instanceof RestError ? cause.problem : null;
      if (problem?.code === "version_conflict") setConflict(await readPlaybook(desk.stored.name, null));
      else setError(cause);
      setFaults(faultsAt(problem?.errors ?? []));
    } finally {
      setSaving(false);
    }
  };

  const restore = async (): Promise<void> => {
    if (stored === null) return;
    try {
      accept(await restorePlaybook(stored.name, stored.version, stored.current_version));
    } catch (cause) {
      // The next attempt is told which version is the current one by then.
      await readPlaybook(stored.name, stored.version).then(accept, () => undefined);
      setError(cause);
    }
  };

  return {
    list,
    desk,
    isCurrent: stored !== null && stored.version === stored.current_version,
    isChanged,
    isSaving,
    isSaved: isSaved && !isChanged,
    error,
    faults,
    conflict,
    keptMine: desk?.keptMine ?? [],
    change: (next) => {
      setSaved(false);
      setDesk((before) => (before === null ? null : { ...before, draft: next(before.draft) }));
    },
    save: () => {
      save().catch((cause: unknown) => {
        setError(cause);
      });
    },
    discard: () => {
      if (conflict !== null) accept(conflict);
      else if (stored !== null) accept(stored);
    },
    merge: () => {
      if (conflict === null) return;
      setDesk((before) => (before === null ? null : mergedDesk(before, conflict)));
      setConflict(null);
    },
    restore: () => void restore(),
    show: (next) => {
      setSaved(false);
      setAsked(next);
    },
    accept,
  };
}
