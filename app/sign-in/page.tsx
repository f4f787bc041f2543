import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Button } from "../components/ui/button.tsx";
import { Field, TextInput } from "../components/ui/field.tsx";
import { Notice } from "../components/ui/notice.tsx";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("signIn");
  return { title: t("title"), robots: { index: false } };
}

interface Search {
  readonly next?: string | readonly string[];
  readonly problem?: string | readonly string[];
}

function problemKey(problem: Search["problem"]): "wrong" | "throttled" | "failed" | null {
  if (problem === undefined) return null;
  if (problem === "unauthorized" || problem === "invalid") return "wrong";
  return problem === "rate_limited" ? "throttled" : "failed";
}

/** A plain form: it works before, and without, any script. Who is signed in is led on before it is shown. */
export default async function Page({ searchParams }: { readonly searchParams: Promise<Search> }) {
  const { next, problem } = await searchParams;
  const t = await getTranslations("signIn");
  const told = problemKey(problem);
  return (
    <main id="content" className="mx-auto max-w-sm px-5 py-16">
      <h1 className="text-2xl font-semibold tracking-tight">{t("title")}</h1>
      <p className="mt-2 text-ink-soft">{t("intro")}</p>
      {told !== null && (
        <div className="mt-6">
          <Notice tone="danger" isUrgent>
            {t(told)}
          </Notice>
        </div>
      )}
      <form method="post" action="/sign-in" className="mt-6 space-y-4">
        {/* Where to go on to; whether it is one of our own pages is judged when it is sent. */}
        <input type="hidden" name="next" value={typeof next === "string" ? next : "/"} />
        <Field label={t("name")}>
          <TextInput
            name="name"
            required
            autoFocus
            maxLength={64}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
          />
        </Field>
        <Field label={t("password")}>
          <TextInput
            name="password"
            type="password"
            required
            maxLength={128}
            autoComplete="current-password"
          />
        </Field>
        <Button look="primary" size="large" type="submit" className="w-full">
          {t("submit")}
        </Button>
      </form>
      <p className="mt-6 text-sm text-ink-faint">{t("forgotten")}</p>
    </main>
  );
}
