import { randomBytes } from "node:crypto";
import type { Ids } from "../call/ports.ts";

/** 128 random bits in 22 characters of base64url after the prefix. */
export const randomIds: Ids = {
  next: (prefix) => prefix + randomBytes(16).toString("base64url"),
};
