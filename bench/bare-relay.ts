// A relay that only passes frames on, as a process of its own: what any server between client and service costs.
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer, type RawData } from "ws";
import { watchLoopDelay } from "./loop-delay.ts";

const serviceUrl = process.env.RELAY_TO ?? "";
/** What the product asks for, so that the service says as much. */
const query =
  "model=nova-3&language=es&encoding=linear16&sample_rate=16000&channels=2&multichannel=true&smart_format=true" +
  "&interim_results=true&endpointing=300&utterance_end_ms=1000&vad_events=true&numerals=true";

const newDelayMs = watchLoopDelay();
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (client) => {
  const service = new WebSocket(`${serviceUrl.replace("http", "ws")}/v1/listen?${query}`, {
    headers: { authorization: "Token relay" },
    perMessageDeflate: false,
  });
  const early: RawData[] = [];
  client.on("message", (data) => {
    if (service.readyState === WebSocket.OPEN) service.send(data);
    else early.push(data);
  });
  service.on("open", () => {
    for (const data of early.splice(0)) service.send(data);
  });
  service.on("message", (data, isBinary) => {
    client.send(data, { binary: isBinary });
  });
  client.on("close", () => {
    service.terminate();
  });
  service.on("close", () => {
    client.terminate();
  });
  client.on("error", () => undefined);
  service.on("error", () => undefined);
});
process.on("disconnect", () => {
  process.exit(1);
});
process.on("SIGTERM", () => {
  process.exit(0);
});
process.on("message", () => {
  process.send?.({ cpu: process.cpuUsage(), newDelayMs: newDelayMs() });
});
server.on("listening", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
