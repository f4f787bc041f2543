import { io } from "socket.io-client";
import type { ServerMessage } from "../contract/events.ts";
import { serverMessageTypes } from "./server-message.ts";

/** One attempt at a connection; it is never used again after its end. */
export interface SocketPort {
  readonly isConnected: boolean;
  emit(event: string, ...args: readonly unknown[]): void;
  /** Lets go of it; no listener is called any more. */
  close(): void;
}

export interface SocketListeners {
  readonly onMessage: (type: string, payload: unknown) => void;
  /** The server said no, or there was no answer at all. */
  readonly onRefused: (error: Error) => void;
  /** The connection is gone; `isByServer` when the server ended it on purpose. */
  readonly onGone: (isByServer: boolean) => void;
}

export interface SocketAddress {
  /** `http://host:port`; the page's own origin in the browser. */
  readonly origin: string;
  readonly path: string;
  readonly callId: string;
  readonly token: string;
}

export type OpenSocket = (address: SocketAddress, listeners: SocketListeners) => SocketPort;

/** An attempt that has no answer by then is given up: the peer may be behind a dead link. */
const connectTimeoutMs = 8000;
const messageTypes: readonly ServerMessage["type"][] = serverMessageTypes;

/** Socket.IO without its own reconnection: each attempt is a socket of its own, so nothing old leaks in. */
export const openSocketIo: OpenSocket = (address, listeners) => {
  const socket = io(address.origin, {
    path: address.path,
    transports: ["websocket"],
    auth: { call_id: address.callId, token: address.token },
    forceNew: true,
    reconnection: false,
    timeout: connectTimeoutMs,
  });
  for (const type of messageTypes) {
    socket.on(type, (payload: unknown) => {
      listeners.onMessage(type, payload);
    });
  }
  socket.on("connect_error", listeners.onRefused);
  socket.on("disconnect", (reason) => {
    listeners.onGone(reason === "io server disconnect");
  });
  return {
    get isConnected() {
      return socket.connected;
    },
    emit: (event, ...args) => {
      socket.emit(event, ...args);
    },
    close: () => {
      socket.off();
      socket.disconnect();
    },
  };
};
