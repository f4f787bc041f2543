import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { notFound } from "next/navigation";
import { callIdPattern } from "../../../lib/contract/vocabulary.ts";
import { CallPage } from "../../components/call/call-page.tsx";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("history");
  return { title: t("title") };
}

export default async function Page({ params }: { readonly params: Promise<{ readonly callId: string }> }) {
  const { callId } = await params;
  if (!callIdPattern.test(callId)) notFound();
  return <CallPage callId={callId} />;
}
