import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { HistoryPage } from "../components/history/history-page.tsx";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("history");
  return { title: t("title") };
}

export default function Page() {
  return <HistoryPage />;
}
