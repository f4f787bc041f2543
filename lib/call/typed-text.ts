import type { SessionStartRequest, CallPatch } from "../contract/rest.ts";
import type { Language } from "../contract/vocabulary.ts";
import type { Redactor } from "./ports.ts";

/** What people type about a call passes the redactor as what is said in it does. */
export function redactedTyped<T extends CallPatch & Pick<SessionStartRequest, "consent">>(
  typed: T,
  redactor: Redactor | null,
  language: Language,
): T {
  if (redactor === null) return typed;
  const clean = (text: string): string => redactor.text(text, language);
  const { customer, consent } = typed;
  return {
    ...typed,
    ...(typed.title === undefined ? {} : { title: clean(typed.title) }),
    ...(typed.notes === undefined ? {} : { notes: clean(typed.notes) }),
    ...(customer === undefined
      ? {}
      : {
          customer: {
            ...customer,
            ...(customer.name === undefined ? {} : { name: clean(customer.name) }),
            ...(customer.company === undefined ? {} : { company: clean(customer.company) }),
          },
        }),
    ...(consent === undefined
      ? {}
      : {
          consent: {
            ...consent,
            ...(consent.method === undefined ? {} : { method: clean(consent.method) }),
            ...(consent.note === undefined ? {} : { note: clean(consent.note) }),
          },
        }),
  };
}
