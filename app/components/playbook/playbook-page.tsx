"use client";

import { Copy, Download, History, Upload } from "lucide-react";
import { useFormatter, useLocale, useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import type { PlaybookDesk as Desk } from "../../../lib/client/playbook-desk.ts";
import type { EntryLanguage } from "../../../lib/client/playbook-draft.ts";
import { objectionTypes, type ObjectionType } from "../../../lib/contract/vocabulary.ts";
import { problemText } from "../problem-text.ts";
import { Button, buttonClasses } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Select } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { EntryList } from "./entry-list.tsx";
import { ImportDialog } from "./import-dialog.tsx";
import { PlaybookNotices } from "./playbook-notices.tsx";
import { PlaybookSettings } from "./playbook-settings.tsx";
import { TryPanel } from "./try-panel.tsx";
import { useLeaveGuard } from "./use-leave-guard.ts";
import { usePlaybook, type Asked, type PlaybookRoom } from "./use-playbook.ts";
import { VersionsDialog } from "./versions-dialog.tsx";

export function PlaybookPage({ asked, mayEdit }: { readonly asked: Asked; readonly mayEdit: boolean }) {
  const t = useTranslations("playbook");
  const problems = useTranslations("problem");
  const room = usePlaybook(asked);
  if (room.desk === null) {
    return (
      <main id="content" className="mx-auto max-w-6xl px-4 py-6 sm:px-6">
        <h1 className="mb-4 text-2xl font-semibold tracking-tight">{t("title")}</h1>
        {room.error === null ? (
          <p role="status" className="panel px-5 py-16 text-center text-ink-soft">
            {t("loading")}
          </p>
        ) : (
          <Notice tone="danger" isUrgent>
            {problemText(problems, room.error)}
          </Notice>
        )}
      </main>
    );
  }
  return <PlaybookDesk room={room} desk={room.desk} mayEdit={mayEdit} />;
}

function PlaybookDesk({
  room,
  desk,
  mayEdit,
}: {
  readonly room: PlaybookRoom;
  readonly desk: Desk;
  readonly mayEdit: boolean;
}) {
  const t = useTranslations("playbook");
  const types = useTranslations("objection");
  const languages = useTranslations("language");
  const format = useFormatter();
  const router = useRouter();
  const locale = useLocale();
  const [language, setLanguage] = useState<EntryLanguage>(locale);
  const [only, setOnly] = useState<ObjectionType | null>(null);
  const [isVersionsOpen, setVersionsOpen] = useState(false);
  const [storing, setStoring] = useState<"import" | "copy" | null>(null);
  const [next, setNext] = useState<Asked | null>(null);
  const [wanted, setWanted] = useLeaveGuard(room.isChanged);
  const isReadOnly = !mayEdit || !room.isCurrent;
  const { draft, stored } = desk;
  // Not by the version: a save leaves the fields, and the focus, where they are.
  const name = `${stored.name} ${desk.round.toString()}`;

  const { save } = room;
  const latestSave = useRef(save);
  useEffect(() => {
    latestSave.current = save;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
      event.preventDefault();
      if (!isReadOnly) latestSave.current();
    };
    window.addEventListener("keydown", onKey);
    return () => {
      window.removeEventListener("keydown", onKey);
    };
  }, [isReadOnly]);

  const show = (asked: Asked): void => {
    if (room.isChanged) setNext(asked);
    else room.show(asked);
  };
  return (
    <main id="content" className="mx-auto max-w-7xl px-3 py-5 sm:px-6">
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 basis-64">
          <h1 className="text-2xl font-semibold tracking-tight break-words">
            {room.list.length > 1 ? t("title") : draft.title}
          </h1>
          <p className="text-sm text-ink-soft">
            {t("versionNumber", { version: stored.version })} ·{" "}
            {format.dateTime(new Date(stored.saved_at), { dateStyle: "medium", timeStyle: "short" })}
            {stored.saved_by !== "" && <> · {stored.saved_by}</>}
          </p>
        </div>
        {room.list.length > 1 && (
          <Select
            aria-label={t("choose")}
            className="sm:max-w-72"
            value={stored.name}
            onChange={(event) => {
              show({ name: event.target.value, version: null });
            }}
          >
            {room.list.map((one) => (
              <option key={one.name} value={one.name}>
                {one.title}
                {one.is_default ? ` · ${t("isDefault")}` : ""}
              </option>
            ))}
          </Select>
        )}
        <div className="flex flex-wrap gap-2">
          <Button
            size="small"
            onClick={() => {
              setVersionsOpen(true);
            }}
          >
            <History aria-hidden="true" className="size-4" />
            {t("versions")}
          </Button>
          <a
            download
            href={`/playbooks/${stored.name}/export.json?version=${stored.version.toString()}`}
            className={buttonClasses("plain", "small")}
          >
            <Download aria-hidden="true" className="size-4" />
            {t("export")}
          </a>
          {mayEdit && (
            <>
              <Button
                size="small"
                disabled={room.isChanged}
                onClick={() => {
                  setStoring("import");
                }}
              >
                <Upload aria-hidden="true" className="size-4" />
                {t("import")}
              </Button>
              <Button
                size="small"
                disabled={room.isChanged}
                onClick={() => {
                  setStoring("copy");
                }}
              >
                <Copy aria-hidden="true" className="size-4" />
                {t("copy")}
              </Button>
            </>
          )}
        </div>
      </div>

      <PlaybookNotices room={room} stored={stored} mayEdit={mayEdit} />

      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="min-w-0 space-y-4">
          <PlaybookSettings key={name} draft={draft} isReadOnly={isReadOnly} onChange={room.change} />
          <div className="flex flex-wrap items-center gap-3">
            <Segmented
              label={t("language")}
              value={language}
              onChange={setLanguage}
              choices={(["es", "en"] as const).map((one) => ({ value: one, label: languages(one) }))}
            />
            <Select
              aria-label={t("type")}
              className="max-w-56"
              value={only ?? ""}
              onChange={(event) => {
                setOnly(objectionTypes.find((type) => type === event.target.value) ?? null);
              }}
            >
              <option value="">{t("anyType")}</option>
              {objectionTypes.map((type) => (
                <option key={type} value={type}>
                  {types(type)}
                </option>
              ))}
            </Select>
          </div>
          <EntryList
            key={`${name} ${language}`}
            draft={draft}
            language={language}
            only={only}
            outcomes={stored.outcomes}
            faults={room.faults}
            isReadOnly={isReadOnly}
            onChange={room.change}
          />
        </div>
        <div className="lg:sticky lg:top-4">
          <TryPanel key={language} draft={draft} language={language} />
        </div>
      </div>

      {!isReadOnly && (room.isChanged || room.isSaved) && (
        <div className="sticky bottom-0 z-30 mt-4 flex flex-wrap items-center justify-end gap-2 border-t border-line bg-canvas py-3">
          <p role="status" className="flex-1 text-sm text-ink-soft">
            {t(room.isChanged ? "unsaved" : "saved")}
          </p>
          {room.isChanged && (
            <>
              <Button look="quiet" onClick={room.discard}>
                {t("discard")}
              </Button>
              <Button look="primary" disabled={room.isSaving} onClick={room.save}>
                {t(room.isSaving ? "saving" : "save")}
              </Button>
            </>
          )}
        </div>
      )}

      <VersionsDialog
        stored={stored}
        isOpen={isVersionsOpen}
        onOpenChange={setVersionsOpen}
        onShow={(version) => {
          setVersionsOpen(false);
          show({ name: stored.name, version });
        }}
      />
      <ImportDialog
        kind={storing}
        list={room.list}
        copyOf={stored.playbook}
        onOpenChange={(isOpen) => {
          if (!isOpen) setStoring(null);
        }}
        onStored={(reply) => {
          setStoring(null);
          room.accept(reply);
        }}
      />
      <Confirm
        title={t("leaveTitle")}
        text={t("leaveText")}
        confirmLabel={t("leaveConfirm")}
        cancelLabel={t("stay")}
        isOpen={wanted !== null || next !== null}
        onOpenChange={(isOpen) => {
          if (isOpen) return;
          setWanted(null);
          setNext(null);
        }}
        onConfirm={() => {
          if (next !== null) room.show(next);
          else if (wanted !== null) router.push(wanted);
        }}
      />
    </main>
  );
}
