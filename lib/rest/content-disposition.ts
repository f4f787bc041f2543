/**
 * RFC 6266: a plain name for every client and the full one, RFC 8187, for those that read it. Folders, quotes and
 * control characters never reach either.
 */
export function attachment(fileName: string): string {
  const name = fileName.replace(/[\p{Cc}\p{Cf}\p{Cs}/\\]/gu, "_").trim() || "download";
  const plain = name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9._ -]/g, "_");
  const full = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"${full === plain ? "" : `; filename*=UTF-8''${full}`}`;
}
