import type { EngineNotice } from "../lib/call/transcription-ports.ts";
import type { Language } from "../lib/contract/vocabulary.ts";
import { findContainer } from "../lib/platform/container.ts";

/** What the start page has to know of the running server. */
export interface EngineChoice {
  readonly name: "embedded" | "deepgram" | "scripted";
  readonly languages: readonly Language[];
  readonly notices: Readonly<Partial<Record<Language, EngineNotice>>>;
  readonly defaultLanguage: Language;
  readonly isConsentRequired: boolean;
}

/** Null while the server is still being put together. */
export function engineChoice(): EngineChoice | null {
  const container = findContainer();
  const engine = container?.engines[0];
  if (!container || engine === undefined) return null;
  return {
    name: engine.name,
    languages: engine.languages,
    notices: engine.notices,
    defaultLanguage: container.config.language,
    isConsentRequired: container.config.consentRequired,
  };
}
