import { createTranslator } from "next-intl";
import { describe, expect, it } from "vitest";
import { playbookSchema, type Playbook } from "../../../lib/contract/playbook.ts";
import es from "../../../messages/es.json" with { type: "json" };
import { faultsAt, faultsOf, faultText } from "./faults.ts";

const playbook: Playbook = {
  name: "mine",
  title: "Mine",
  product: "",
  competitors: [],
  keyterms: { es: [], en: [] },
  entries: [{ id: "a", language: "es", type: "price", replies: ["Uno."] }],
};
const t = createTranslator({ locale: "es", messages: es, namespace: "playbook" });

function said(value: unknown): string[] {
  const parsed = playbookSchema.safeParse(value);
  return parsed.success ? [] : faultsOf(parsed.error).map((fault) => `${fault.path}: ${faultText(t, fault)}`);
}

describe("the faults of a playbook", () => {
  it("are told in the words of the page, with their place", () => {
    const [entry] = playbook.entries;
    expect(
      said({
        ...playbook,
        extra: 1,
        entries: [
          { ...entry, replies: ["Hola {nombre}", "Hola }", "", "a".repeat(241)] },
          { ...entry, id: "b", type: "none" },
        ],
      }),
    ).toEqual([
      "entries[0].replies[0]: {nombre} no existe; valen {customer}, {company}, {product} y {competitor}",
      "entries[0].replies[1]: falta una llave de apertura o de cierre",
      "entries[0].replies[2]: está vacío",
      "entries[0].replies[3]: demasiado largo: como mucho 240 caracteres",
      "entries[1].type: no vale así",
      ": no se conoce: extra",
    ]);
    expect(
      said({
        ...playbook,
        entries: [{ ...entry, industries: ["retail"], replies: ["Uno.", "Uno."] }, entry],
      }),
    ).toEqual([
      "entries[0].industries[0]: no hay ningún sector «retail»",
      "entries[0].replies[1]: esta respuesta ya está en el mismo caso",
      "entries[1].id: «a» está dos veces",
    ]);
  });

  it("of a refusal are told by their place", () => {
    const faults = faultsAt([{ path: "playbook.entries[0].id" }]);
    expect(faults.map((fault) => [fault.path, faultText(t, fault)])).toEqual([
      ["entries[0].id", "no vale así"],
    ]);
  });
});
