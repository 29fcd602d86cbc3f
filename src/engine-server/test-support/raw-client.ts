import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A socket to the server that has sent this text. */
export async function sendRaw(url: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on("error", () => {
    // Tests look at what arrives; a reset by the server is one of the ways to end.
  });
  await once(socket, "connect");
  socket.write(text);
  return socket;
}

/** A POST in bytes, the only one of its connection; the length may be a lie. */
export function rawPost(
  path: string,
  body: string,
  contentLength = Buffer.byteLength(body),
): string {
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${contentLength}\r\n\r\n${body}`;
}

/** Everything until the server closes the connection. */
export async function readToEnd(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => (text += chunk));
  if (!socket.closed) await once(socket, "close");
  return text;
}

/** Waits until the condition holds, at most for this long. */
export async function until(condition: () => boolean, limitMs = 5_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms for ${String(condition)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
