import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { notFound } from "next/navigation";
import { callIdPattern } from "../../../lib/contract/vocabulary.ts";
import { LivePage } from "../../components/live/live-page.tsx";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("live");
  return { title: t("title") };
}

export default async function Page({ params }: { readonly params: Promise<{ readonly callId: string }> }) {
  const { callId } = await params;
  if (!callIdPattern.test(callId)) notFound();
  return <LivePage callId={callId} />;
}
