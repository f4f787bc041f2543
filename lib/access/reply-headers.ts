import { parseHost } from "./host-name.ts";

/** What every reply tells browsers they may do with it. */
export interface ReplyHeaders {
  /** On everything: pages, API, files, problems, refused upgrades. */
  readonly always: Readonly<Record<string, string>>;
  /**
   * The Content-Security-Policy of a page in which only scripts and style elements with `nonce` run. `host`: the
   * `Host` that was asked, which the guard has let pass.
   */
  pagePolicy(options: { readonly nonce: string; readonly host: string | undefined }): string;
}

/** What is no page runs nothing, whatever it is taken for. */
const filePolicy =
  "default-src 'none'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Named and off are the powerful ones; browsers give what is not named here to no page that has no use for it. */
const permissions = [
  "microphone=(self)",
  "display-capture=(self)",
  "autoplay=(self)",
  "screen-wake-lock=(self)",
  "clipboard-write=(self)",
  ...[
    "accelerometer",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "keyboard-map",
    "local-fonts",
    "magnetometer",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "serial",
    "storage-access",
    "usb",
    "window-management",
    "xr-spatial-tracking",
  ].map((name) => `${name}=()`),
].join(", ");

/** A year, as browsers' preload lists ask; subdomains are the operator's own affair. */
const strictTransport = "max-age=31536000";

export function createReplyHeaders(options: {
  readonly publicUrl: URL | null;
  /** React's development build evaluates text and Next's puts styles in by script. */
  readonly dev: boolean;
}): ReplyHeaders {
  const { publicUrl, dev } = options;
  return {
    always: {
      "X-Content-Type-Options": "nosniff",
      "Cross-Origin-Resource-Policy": "same-origin",
      "Cross-Origin-Opener-Policy": "same-origin",
      "X-Frame-Options": "DENY",
      // Addresses of calls are nobody else's business, and a token in one must not travel.
      "Referrer-Policy": "no-referrer",
      "Permissions-Policy": permissions,
      "Content-Security-Policy": filePolicy,
      ...(publicUrl?.protocol === "https:" ? { "Strict-Transport-Security": strictTransport } : {}),
    },
    pagePolicy: ({ nonce, host }) =>
      [
        "default-src 'none'",
        // Files of our own and what carries the nonce. Not 'strict-dynamic': it would take 'self' away from the
        // worklet, and no file of our own is written by anybody else.
        `script-src 'self' 'nonce-${nonce}'${dev ? " 'unsafe-eval'" : ""}`,
        dev ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
        // Radix writes style attributes into what the server renders (hidden radio buttons, switches), and a nonce is
        // not for attributes. Style elements, which can read a page through selectors, stay closed.
        "style-src-attr 'unsafe-inline'",
        "font-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "worker-src 'self'",
        `connect-src 'self'${socketSources(host)}`,
        "manifest-src 'self'",
        "object-src 'none'",
        "frame-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
      ].join("; "),
  };
}

/** `'self'` covers sockets of the same host only in newer browsers. A host in brackets is no source expression. */
function socketSources(hostText: string | undefined): string {
  const host = hostText === undefined ? null : parseHost(hostText);
  if (host === null || !/^[a-z0-9.-]+$/.test(host.name)) return "";
  const place = host.port === null ? host.name : `${host.name}:${host.port}`;
  return ` ws://${place} wss://${place}`;
}
