import { CalendarCheck, CircleHelp, Hash, Swords, TrendingUp, type LucideIcon } from "lucide-react";
import type { ExportedSignal } from "../../lib/contract/rest.ts";

export const signalIcons: Readonly<Record<ExportedSignal["kind"], LucideIcon>> = {
  buying_signal: TrendingUp,
  commitment: CalendarCheck,
  unanswered_question: CircleHelp,
  competitor_mention: Swords,
  keyword_mention: Hash,
};
