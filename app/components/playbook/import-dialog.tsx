"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { createPlaybook, importPlaybook } from "../../../lib/client/playbook-client.ts";
import { RestError } from "../../../lib/client/rest-client.ts";
import { playbookNamePattern, playbookSchema, type Playbook } from "../../../lib/contract/playbook.ts";
import type { PlaybookListReply, PlaybookReply } from "../../../lib/contract/playbook-rest.ts";
import { problemText } from "../problem-text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, TextInput } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { faultsAt, faultsOf, faultText, type Fault } from "./faults.ts";

const shownFaults = 12;

/** A playbook from a file, or a copy of the one that is shown, under a name that people choose. */
export function ImportDialog({
  kind,
  list,
  copyOf,
  onOpenChange,
  onStored,
}: {
  readonly kind: "import" | "copy" | null;
  readonly list: PlaybookListReply["playbooks"];
  readonly copyOf: Playbook;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly onStored: (stored: PlaybookReply) => void;
}) {
  const t = useTranslations("playbook");
  return (
    <Dialog
      title={t(kind === "copy" ? "copy" : "import")}
      closeLabel={t("close")}
      isOpen={kind !== null}
      onOpenChange={onOpenChange}
    >
      <ImportForm list={list} copyOf={kind === "copy" ? copyOf : null} onStored={onStored} />
    </Dialog>
  );
}

function ImportForm({
  list,
  copyOf,
  onStored,
}: {
  readonly list: PlaybookListReply["playbooks"];
  readonly copyOf: Playbook | null;
  readonly onStored: (stored: PlaybookReply) => void;
}) {
  const t = useTranslations("playbook");
  const problems = useTranslations("problem");
  const [file, setFile] = useState<Playbook | null>(copyOf);
  const [name, setName] = useState(copyOf === null ? "" : `${copyOf.name}-2`);
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const existing = list.find((one) => one.name === name);
  const isNameRight = playbookNamePattern.test(name);

  const read = async (chosen: File): Promise<void> => {
    setFile(null);
    setFaults([]);
    setProblem(null);
    let value: unknown;
    try {
      value = JSON.parse((await chosen.text()).replace(/^\u{feff}/u, ""));
    } catch {
      setProblem(t("notJson"));
      return;
    }
    const parsed = playbookSchema.safeParse(value);
    if (!parsed.success) {
      setFaults(faultsOf(parsed.error));
      return;
    }
    setFile(parsed.data);
    setName(parsed.data.name);
  };

  const store = async (): Promise<void> => {
    if (file === null || isBusy) return;
    setBusy(true);
    setProblem(null);
    try {
      onStored(
        copyOf === null
          ? await importPlaybook(file, name, existing?.version ?? null)
          : await createPlaybook({ ...file, name }),
      );
    } catch (cause) {
      if (cause instanceof RestError) setFaults(faultsAt(cause.problem?.errors ?? []));
      setProblem(problemText(problems, cause));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        void store();
      }}
    >
      {copyOf === null && (
        <Field label={t("file")}>
          <input
            type="file"
            accept="application/json,.json"
            className="block w-full text-sm file:mr-3 file:min-h-9 file:rounded-control file:border file:border-line-strong file:bg-surface file:px-3 file:text-ink"
            onChange={(event) => {
              const chosen = event.target.files?.[0];
              if (chosen !== undefined) void read(chosen);
            }}
          />
        </Field>
      )}
      {faults.length > 0 && (
        <Notice tone="danger" isUrgent>
          {t("fileFaults", { count: faults.length })}
          <ul className="mt-1 space-y-0.5">
            {faults.slice(0, shownFaults).map((fault, at) => (
              <li key={at} className="break-words">
                <code className="font-semibold">{fault.path}</code>: {faultText(t, fault)}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {problem !== null && (
        <Notice tone="danger" isUrgent>
          {problem}
        </Notice>
      )}
      {file !== null && (
        <>
          <Field label={t("name")} hint={t("nameHint")}>
            <TextInput
              value={name}
              maxLength={64}
              autoComplete="off"
              aria-invalid={!isNameRight}
              onChange={(event) => {
                setName(event.target.value);
              }}
            />
          </Field>
          {existing !== undefined && (
            <Notice tone={copyOf === null ? "neutral" : "warn"}>
              {t(copyOf === null ? "becomesVersion" : "nameTaken", {
                name: existing.title,
                version: existing.version + 1,
              })}
            </Notice>
          )}
          <div className="flex justify-end">
            <Button
              type="submit"
              look="primary"
              disabled={isBusy || !isNameRight || (copyOf !== null && existing !== undefined)}
            >
              {t(copyOf === null ? "importRun" : "copyRun")}
            </Button>
          </div>
        </>
      )}
    </form>
  );
}
