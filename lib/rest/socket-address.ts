/**
 * The signed address of a call's WebSocket, for the host that was asked: of PUBLIC_URL in its own scheme, of anything
 * else plainly. `host` has passed the guard.
 */
export function socketAddress(options: {
  readonly host: string;
  readonly publicUrl: URL | null;
  readonly callId: string;
  readonly token: string;
}): string {
  const { host, publicUrl, callId, token } = options;
  const asked = new URL(`http://${host}/`);
  const isPublic = publicUrl !== null && publicUrl.hostname === asked.hostname;
  const address = new URL(`/ws/${callId}`, isPublic ? publicUrl : asked);
  address.protocol = isPublic && publicUrl.protocol === "https:" ? "wss:" : "ws:";
  address.searchParams.set("token", token);
  return address.href;
}
