"use client";

import { useTranslations } from "next-intl";

/** Those of the shipped playbook; any other is shown by the name that people gave it. */
const shipped = ["hospitality", "retail", "logistics", "health", "trades", "professional"] as const;

export function useIndustryName(): (name: string) => string {
  const t = useTranslations("playbook");
  return (name) => {
    const known = shipped.find((one) => one === name);
    return known === undefined ? name : t(`industry.${known}`);
  };
}
