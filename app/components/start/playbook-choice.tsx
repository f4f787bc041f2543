"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { listPlaybooks } from "../../../lib/client/playbook-client.ts";
import type { PlaybookListReply } from "../../../lib/contract/playbook-rest.ts";
import { Field, Select } from "../ui/field.tsx";

/** Which playbook the replies come from; nothing to see where there is one only. */
export function PlaybookChoice({
  value,
  onChange,
}: {
  /** Null: the default one. */
  readonly value: string | null;
  readonly onChange: (name: string | null) => void;
}) {
  const t = useTranslations("start");
  const [list, setList] = useState<PlaybookListReply["playbooks"]>([]);
  useEffect(() => {
    const abort = new AbortController();
    // Without the list calls get the default one.
    listPlaybooks(abort.signal).then(setList, () => undefined);
    return () => {
      abort.abort();
    };
  }, []);
  if (list.length < 2) return null;
  return (
    <Field label={t("playbook")}>
      <Select
        value={value ?? list.find((one) => one.is_default)?.name ?? ""}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      >
        {list.map((one) => (
          <option key={one.name} value={one.name}>
            {one.title}
          </option>
        ))}
      </Select>
    </Field>
  );
}
