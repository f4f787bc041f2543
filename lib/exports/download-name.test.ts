import { describe, expect, test } from "vitest";
import { downloadName } from "./download-name.ts";

type NamedDocument = Parameters<typeof downloadName>[0];

const document: NamedDocument = {
  call_metadata: { call_id: "call_exported", title: "", start_time: "2026-03-09T10:00:00.000Z" },
};

describe("the name of a download", () => {
  test.each([
    ["Demo con Acme", "2026-03-09-demo-con-acme.txt"],
    ["Niño & Cía: «renovación»", "2026-03-09-nino-cia-renovacion.txt"],
    ["../../etc/passwd\r\nX: y", "2026-03-09-etc-passwd-x-y.txt"],
    ["", "2026-03-09-call_exported.txt"],
    ["会議", "2026-03-09-call_exported.txt"],
    ["a".repeat(200), `2026-03-09-${"a".repeat(60)}.txt`],
  ])("of a call with the title %j is %s", (title, fileName) => {
    expect(downloadName({ call_metadata: { ...document.call_metadata, title } }, "txt")).toBe(fileName);
  });
});
