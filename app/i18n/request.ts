import { getRequestConfig } from "next-intl/server";
import { cookies, headers } from "next/headers";
import en from "../../messages/en.json";
import es from "../../messages/es.json";
import { chooseLocale, localeCookie } from "./locale.ts";

const messages = { es, en } as const;

export default getRequestConfig(async () => {
  const chosen = (await cookies()).get(localeCookie)?.value;
  const locale = chooseLocale(chosen, (await headers()).get("accept-language"));
  return { locale, messages: messages[locale] };
});
