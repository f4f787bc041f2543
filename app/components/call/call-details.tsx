"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { patchCall } from "../../../lib/client/rest-client.ts";
import type { CallReply } from "../../../lib/contract/rest.ts";
import { problemText } from "../problem-text.ts";
import { Button } from "../ui/button.tsx";
import { Field, TextArea, TextInput } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";

/** Title, customer and notes, to be put right afterwards. */
export function CallDetails({
  call,
  onChanged,
}: {
  readonly call: CallReply;
  readonly onChanged: (call: CallReply) => void;
}) {
  const t = useTranslations("call");
  const problems = useTranslations("problem");
  const [title, setTitle] = useState(call.call_metadata.title);
  const [person, setPerson] = useState(call.call_metadata.customer.name ?? "");
  const [company, setCompany] = useState(call.call_metadata.customer.company ?? "");
  const [notes, setNotes] = useState(call.notes);
  const [state, setState] = useState<"idle" | "saving" | "saved">("idle");
  const [problem, setProblem] = useState<string | null>(null);
  const touched = (set: (value: string) => void) => (value: string) => {
    set(value);
    setState("idle");
  };
  const editTitle = touched(setTitle);
  const editPerson = touched(setPerson);
  const editCompany = touched(setCompany);
  const editNotes = touched(setNotes);

  const save = async (): Promise<void> => {
    setState("saving");
    setProblem(null);
    try {
      const changed = await patchCall(call.call_metadata.call_id, {
        title: title.trim(),
        customer: {
          ...(person.trim() === "" ? {} : { name: person.trim() }),
          ...(company.trim() === "" ? {} : { company: company.trim() }),
        },
        notes,
      });
      setState("saved");
      onChanged(changed);
    } catch (error) {
      setState("idle");
      setProblem(problemText(problems, error));
    }
  };

  return (
    <form
      aria-labelledby="call-details"
      className="panel space-y-3 p-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h2 id="call-details" className="font-semibold">
        {t("details")}
      </h2>
      <Field label={t("titleLabel")}>
        <TextInput
          value={title}
          maxLength={200}
          onChange={(event) => {
            editTitle(event.target.value);
          }}
        />
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={t("customerName")}>
          <TextInput
            value={person}
            maxLength={200}
            onChange={(event) => {
              editPerson(event.target.value);
            }}
          />
        </Field>
        <Field label={t("customerCompany")}>
          <TextInput
            value={company}
            maxLength={200}
            onChange={(event) => {
              editCompany(event.target.value);
            }}
          />
        </Field>
      </div>
      <Field label={t("notes")}>
        <TextArea
          rows={4}
          value={notes}
          maxLength={20_000}
          placeholder={t("notesPlaceholder")}
          onChange={(event) => {
            editNotes(event.target.value);
          }}
        />
      </Field>
      {problem !== null && (
        <Notice tone="danger" isUrgent>
          {t("saveFailed")} {problem}
        </Notice>
      )}
      <div className="flex items-center gap-3">
        <Button type="submit" disabled={state === "saving"}>
          {state === "saving" ? t("saving") : t("save")}
        </Button>
        <span role="status" className="text-sm text-ok">
          {state === "saved" ? t("saved") : ""}
        </span>
      </div>
    </form>
  );
}
