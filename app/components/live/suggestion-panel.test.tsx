import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { emptyLiveCall, type ShownSuggestion } from "../../../lib/client/live-call.ts";
import { PaintMeter } from "../../../lib/client/paint-meter.ts";
import es from "../../../messages/es.json";
import { SuggestionPanel } from "./suggestion-panel.tsx";

const session = { paint: new PaintMeter() };

function panelWith(status: ShownSuggestion["status"]): string {
  const suggestion: ShownSuggestion = {
    call_id: "c1",
    seq: 1,
    suggestion_id: "g1",
    objection_id: "o1",
    ts_ms: 0,
    type: "price",
    text: "¿Con qué lo compara?",
    source: "llm",
    playbook_entry: null,
    status,
    latency_ms: 0,
    feedback: null,
  };
  return renderToStaticMarkup(
    <NextIntlClientProvider locale="es" messages={es} timeZone="UTC">
      <SuggestionPanel
        session={session}
        view={{ ...emptyLiveCall, suggestions: [suggestion] }}
        copiedId={null}
        canJudge
        onCopy={() => undefined}
        onJudge={() => undefined}
      />
    </NextIntlClientProvider>,
  );
}

it("is read out when the reply is whole, not at each of its words", () => {
  expect(panelWith("partial")).toContain('aria-atomic="true" aria-busy="true"');
  expect(panelWith("final")).toContain('aria-atomic="true" aria-busy="false"');
});
