#!/usr/bin/env python3
"""Streams a WAV file as a live call and prints every event as one JSON line. Standard library only.

python3 python-client.py call.wav [--server http://127.0.0.1:8000] [--language es] [--speed 1] [--key KEY]
"""
import argparse
import base64
import json
import os
import socket
import struct
import sys
import threading
import time
import urllib.request
import wave
from urllib.parse import urlsplit

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("--server", default="http://127.0.0.1:8000")
parser.add_argument("--language", default="es")
parser.add_argument("--speed", type=float, default=1.0)
parser.add_argument("--key", default="")
args = parser.parse_args()

with wave.open(args.file, "rb") as wav:
    channels, rate = wav.getnchannels(), wav.getframerate()
    if wav.getsampwidth() != 2 or channels > 2:
        sys.exit("only 16-bit PCM, mono or stereo")
    pcm = wav.readframes(wav.getnframes())

call = {"language": args.language, "audio_mode": "stereo" if channels == 2 else "mono", "sample_rate": rate}
headers = {"Content-Type": "application/json"}
if args.key:
    headers["Authorization"] = "Bearer " + args.key
request = urllib.request.Request(args.server + "/session/start", json.dumps(call).encode(), headers)
with urllib.request.urlopen(request) as reply:
    url = urlsplit(json.load(reply)["ws_url"])
server = urlsplit(args.server)

connection = socket.create_connection((server.hostname, server.port or 80))
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
incoming = connection.makefile("rb")
sending = threading.Lock()


def send_frame(opcode, payload):
    """A masked frame; clients must mask (RFC 6455, 5.3). Opcodes: 1 text, 2 binary, 8 close, 10 pong."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    mask = os.urandom(4)
    key = (mask * (size // 4 + 1))[:size]
    masked = (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
    with sending:
        connection.sendall(head + mask + masked)


def send(message_type, data=None):
    send_frame(1, json.dumps({"type": message_type, "data": data or {}}).encode())


def stream(first_sample):
    send("start_transcription", {"after_seq": 0})
    frame_bytes = round(rate / 10) * channels * 2  # 100 ms
    start = time.monotonic()
    for at in range(first_sample * channels * 2, len(pcm), frame_bytes):
        send_frame(2, pcm[at : at + frame_bytes])
        due = start + (at / frame_bytes + 1) * 0.1 / args.speed
        time.sleep(max(0.0, due - time.monotonic()))
    send("stop_transcription")


def read_exactly(count):
    data = incoming.read(count)
    if len(data) < count:
        sys.exit("the connection ended before call_completed")
    return data


def messages():
    """Whole text messages; control frames are answered in between."""
    message = b""
    while True:
        first, second = read_exactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", read_exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", read_exactly(8))
        payload = read_exactly(size)
        opcode = first & 0x0F
        if opcode == 8:
            sys.exit("closed with %s" % (struct.unpack("!H", payload[:2])[0] if size >= 2 else "no code"))
        if opcode == 9:
            send_frame(10, payload)
        if opcode <= 2:
            message += payload
            if first & 0x80:
                yield json.loads(message)
                message = b""


key = base64.b64encode(os.urandom(16)).decode()
target = url.path + ("?" + url.query if url.query else "")
connection.sendall(
    f"GET {target} HTTP/1.1\r\nHost: {server.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
)
status = incoming.readline().decode()
while incoming.readline().strip():
    pass
if " 101 " not in status:
    sys.exit("no WebSocket: " + status)

for event in messages():
    print(json.dumps({"type": event["type"], "data": event["data"]}, ensure_ascii=False), flush=True)
    if event["type"] == "session_started":
        threading.Thread(target=stream, args=(event["data"]["next_sample"],), daemon=True).start()
    elif event["type"] == "ping":
        send("pong")
    elif event["type"] == "call_completed":
        send_frame(8, struct.pack("!H", 1000))
        break
