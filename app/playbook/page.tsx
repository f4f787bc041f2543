import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { playbookNamePattern } from "../../lib/contract/playbook.ts";
import { requestAccount } from "../../lib/platform/container.ts";
import { PlaybookPage } from "../components/playbook/playbook-page.tsx";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("playbook");
  return { title: t("title") };
}

interface Props {
  readonly searchParams: Promise<Readonly<Record<string, string | readonly string[] | undefined>>>;
}

export default async function Page({ searchParams }: Props) {
  const { name, version } = await searchParams;
  const account = requestAccount();
  return (
    <PlaybookPage
      asked={{
        name: typeof name === "string" && playbookNamePattern.test(name) ? name : null,
        version: typeof version === "string" && /^[1-9]\d{0,8}$/.test(version) ? Number(version) : null,
      }}
      mayEdit={account === null || account?.role === "manager"}
    />
  );
}
