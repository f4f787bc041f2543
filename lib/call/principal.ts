export type PrincipalRole = "rep" | "manager";

/** Who asks: a person who signed in, a program with a key, or the person at an own server. */
export interface Principal {
  readonly id: string;
  readonly name: string;
  readonly role: PrincipalRole;
}

/**
 * The person at a server without AUTH_SECRET, which listens on loopback only. Sees everything; calls made by it
 * have no owner, so that a server that gets accounts later does not hand them to anyone but managers.
 */
export const localPrincipal: Principal = { id: "local", name: "local", role: "manager" };

/** A rep has own calls only, a manager everyone's. */
export function maySeeCall(principal: Principal, call: { readonly ownerId: string | null }): boolean {
  return principal.role === "manager" || call.ownerId === principal.id;
}

/** What a call made by this principal keeps as its owner. */
export function ownerIdOf(principal: Principal): string | null {
  return principal.id === localPrincipal.id ? null : principal.id;
}
