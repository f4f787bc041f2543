/**
 * What `playbook_entry` of a suggestion says: the entry, and the reply in it by its own words. It stays the same when
 * replies are put in another order, and a reply that is reworded begins anew. FNV-1a, 32 bits
 * (http://www.isthe.com/chongo/tech/comp/fnv/).
 */
export function replyId(entryId: string, reply: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(reply)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `${entryId}/${hash.toString(36).padStart(7, "0")}`;
}
