import { z } from "zod";

export const coachToggleQuery = z.strictObject({ enabled: z.enum(["true", "false"]) });
