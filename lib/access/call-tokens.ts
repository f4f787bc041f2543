import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { CallError } from "../call/errors.ts";
import type { CallTokens, Clock } from "../call/ports.ts";
import { callIdSchema, connectionRoleSchema } from "../contract/vocabulary.ts";

/** Far above any token of ours, far below what would cost time to look at. */
const maxTokenLength = 512;

const claimsSchema = z.strictObject({
  call: callIdSchema,
  role: connectionRoleSchema,
  /** Milliseconds since the epoch. */
  exp: z.int().positive(),
  /** The id of the principal it was issued to. */
  sub: z.string().min(1).max(100),
});

/**
 * `<claims>.<HMAC-SHA256>`, both base64url: fits a URL, a subprotocol and a header. The key is derived from the
 * secret for this one purpose, so that nothing else signed with the secret passes for a call token.
 */
export function createCallTokens(options: { readonly secret: string; readonly clock: Clock }): CallTokens {
  const { secret, clock } = options;
  const key = Buffer.from(hkdfSync("sha256", secret, "", "sales-coach-live call token v1", 32));
  const sign = (claims: string): string => createHmac("sha256", key).update(claims).digest("base64url");

  return {
    issue({ callId, role, expiresAtMs, principalId }) {
      const claims = Buffer.from(
        JSON.stringify({ call: callId, role, exp: Math.floor(expiresAtMs), sub: principalId }),
      ).toString("base64url");
      return `${claims}.${sign(claims)}`;
    },

    verify(token, callId) {
      const foreign = (): CallError =>
        new CallError("unauthorized", "the token does not belong to this call");
      if (token.length > maxTokenLength) throw foreign();
      const [claimsText, signature, ...rest] = token.split(".");
      if (claimsText === undefined || signature === undefined || rest.length > 0) throw foreign();
      if (!sameText(signature, sign(claimsText))) throw foreign();
      const claims = claimsSchema.safeParse(readJson(claimsText));
      if (!claims.success || claims.data.call !== callId) throw foreign();
      if (claims.data.exp <= clock.nowMs()) throw new CallError("token_expired", "the token has expired");
      const { role, exp, sub } = claims.data;
      return { callId, role, expiresAtMs: exp, principalId: sub };
    },
  };
}

/** Takes the same time wherever two texts of one length differ. */
function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

function readJson(base64url: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64url, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}
