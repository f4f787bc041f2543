"use client";

import { useCallback, useEffect, useState } from "react";
import { listPlaybooks, readPlaybook, savePlaybook } from "../../../lib/client/playbook-client.ts";
import { mergeDrafts } from "../../../lib/client/playbook-draft.ts";
import { RestError } from "../../../lib/client/rest-client.ts";
import { playbookSchema, type Playbook } from "../../../lib/contract/playbook.ts";
import type { PlaybookListReply, PlaybookReply } from "../../../lib/contract/playbook-rest.ts";
import { faultsOf, type Fault } from "./faults.ts";

export interface Asked {
  readonly name: string | null;
  readonly version: number | null;
}

export interface PlaybookRoom {
  readonly list: PlaybookListReply["playbooks"];
  /** As it is stored; null while it is on its way. */
  readonly stored: PlaybookReply | null;
  readonly draft: Playbook | null;
  /** It is the current version, so it may be changed. */
  readonly isCurrent: boolean;
  readonly isChanged: boolean;
  readonly isSaving: boolean;
  readonly isSaved: boolean;
  readonly error: unknown;
  readonly faults: readonly Fault[];
  /** What somebody else has saved meanwhile. */
  readonly conflict: PlaybookReply | null;
  readonly change: (change: (draft: Playbook) => Playbook) => void;
  readonly save: () => void;
  readonly discard: () => void;
  /** Their version becomes the base, with my changes put into it. */
  readonly merge: () => void;
  readonly show: (asked: Asked) => void;
  /** What was just stored takes the place of what is shown. */
  readonly accept: (stored: PlaybookReply) => void;
}

/** The playbook that is looked at, and what is being made of it. */
export function usePlaybook(first: Asked): PlaybookRoom {
  const [asked, setAsked] = useState(first);
  const [list, setList] = useState<PlaybookListReply["playbooks"]>([]);
  const [stored, setStored] = useState<PlaybookReply | null>(null);
  const [draft, setDraft] = useState<Playbook | null>(null);
  const [conflict, setConflict] = useState<PlaybookReply | null>(null);
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [isSaving, setSaving] = useState(false);
  const [isSaved, setSaved] = useState(false);

  const accept = useCallback((reply: PlaybookReply) => {
    setStored(reply);
    setDraft(reply.playbook);
    setConflict(null);
    setFaults([]);
    setError(null);
    listPlaybooks().then(setList, () => undefined);
    const query = new URLSearchParams({ name: reply.name });
    if (reply.version !== reply.current_version) query.set("version", reply.version.toString());
    window.history.replaceState(null, "", `/playbook?${query.toString()}`);
  }, []);

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

  const isChanged = stored !== null && JSON.stringify(draft) !== JSON.stringify(stored.playbook);

  const save = async (): Promise<void> => {
    if (draft === null || stored === null || isSaving) return;
    const checked = playbookSchema.safeParse(draft);
    if (!checked.success) {
      setFaults(faultsOf(checked.error));
      return;
    }
    setSaving(true);
    try {
      accept(await savePlaybook(checked.data, stored.version));
      setSaved(true);
    } catch (cause) {
      const problem = cause instanceof RestError ? cause.problem : null;
      if (problem?.code === "version_conflict") setConflict(await readPlaybook(stored.name, null));
      else setError(cause);
      setFaults(
        problem?.errors?.map(({ path, message }) => ({ path: path.replace(/^playbook\./, ""), message })) ??
          [],
      );
    } finally {
      setSaving(false);
    }
  };

  return {
    list,
    stored,
    draft,
    isCurrent: stored !== null && stored.version === stored.current_version,
    isChanged,
    isSaving,
    isSaved: isSaved && !isChanged,
    error,
    faults,
    conflict,
    change: (next) => {
      setSaved(false);
      setDraft((before) => (before === null ? null : next(before)));
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
      if (conflict === null || stored === null || draft === null) return;
      setDraft(mergeDrafts(stored.playbook, draft, conflict.playbook));
      setStored(conflict);
      setConflict(null);
    },
    show: (next) => {
      setSaved(false);
      setAsked(next);
    },
    accept,
  };
}
