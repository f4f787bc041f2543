import { createHash, randomBytes } from "node:crypto";
import type { AccountRecords } from "../call/accounts.ts";
import type { Principal } from "../call/principal.ts";

/** `scl_` and 256 random bits: found by search tools that look for secrets in the wrong places. */
const keyPattern = /^scl_[A-Za-z0-9_-]{43}$/;

export function newKey(): string {
  return `scl_${randomBytes(32).toString("base64url")}`;
}

/** A key is random throughout, so that one round of SHA-256 hides it as well as a slow hash would. */
export function keyHashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** Who holds the key; null: nobody, or no longer. What cannot be a key is not looked up. */
export async function holderOf(records: AccountRecords, key: string): Promise<Principal | null> {
  return keyPattern.test(key) ? records.keyHolder(keyHashOf(key)) : null;
}
