"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import type { Percentiles } from "../../../lib/client/latency-stats.ts";
import type { LiveSession } from "../../../lib/client/live-session.ts";
import { usePolled } from "./connection-text.tsx";

function both(percentiles: Percentiles | null): string {
  if (percentiles === null) return "–";
  return `${Math.round(percentiles.p50Ms).toString()} / ${Math.round(percentiles.p95Ms).toString()}`;
}

/** How fast this call is, measured here: p50 and p95 per stage, on the server and to the screen. */
export function LatencyPanel({ session }: { readonly session: LiveSession }) {
  const t = useTranslations("latency");
  const [read] = useState(() => () => session.paint.rows());
  const rows = usePolled(read, 1000);
  return (
    <details className="panel shrink-0 px-4 py-2 text-sm">
      <summary className="rounded-sm py-1 font-medium text-ink-soft hover:text-ink">{t("title")}</summary>
      {rows.length === 0 ? (
        <p className="py-2 text-ink-soft">{t("none")}</p>
      ) : (
        <table className="my-2 w-full text-left">
          <thead className="text-ink-soft">
            <tr>
              <th scope="col" className="py-1 font-medium">
                {t("stage")}
              </th>
              <th scope="col" className="py-1 text-right font-medium">
                {t("server")} <span className="block text-xs font-normal">{t("p50p95")}</span>
              </th>
              <th scope="col" className="py-1 text-right font-medium">
                {t("paint")} <span className="block text-xs font-normal">{t("p50p95")}</span>
              </th>
              <th scope="col" className="py-1 text-right font-medium">
                {t("count")}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.stage} className="border-t border-line">
                <th scope="row" className="py-1 font-normal">
                  {t(row.stage)}
                </th>
                <td className="text-right">{both(row.server)}</td>
                <td className="text-right">{both(row.paint)}</td>
                <td className="text-right">{row.count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="pb-2 text-xs text-ink-faint">{t("explain")}</p>
    </details>
  );
}
