import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Server } from "../src/server";

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A real server on this machine, and the client of it with its log. */
async function serving(handler: Handler, key = "") {
  const http = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      handler(request, response, body);
    });
  });
  await new Promise<void>((ready) => http.listen(0, "127.0.0.1", ready));
  closing.push(() => http.close());
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const log: string[] = [];
  const where = () => Promise.resolve({ url, key, allowHosts: [] });
  return { url, log, server: new Server(where, (line) => log.push(line)) };
}

function to(url: string, sent: string[]) {
  const log: string[] = [];
  const where = () => Promise.resolve({ url, key: "", allowHosts: [] });
  const send = (address: string) => {
    sent.push(address);
    return Promise.reject(new Error("sent"));
  };
  return { log, server: new Server(where, (line) => log.push(line), send as typeof fetch) };
}

describe("requests", () => {
  it("are logged with their address before they are sent, and carry the key", async () => {
    let seen = "";
    const { server, url, log } = await serving((request, response, body) => {
      seen = `${request.method} ${request.url} ${request.headers.authorization} ${body}`;
      response.end('{"answer": 1}');
    }, "lm-secret");
    expect(await server.json("POST", "/api/x", { a: "é" })).toEqual({ answer: 1 });
    expect(seen).toBe('POST /api/x Bearer lm-secret {"a":"é"}');
    expect(log).toEqual([`POST ${url}/api/x (10 bytes)`, `200 from ${url}/api/x`]);
    expect(log.join()).not.toContain("lm-secret");
  });

  it("to another machine are never sent", async () => {
    const sent: string[] = [];
    const { server, log } = to("http://evil.example:8080", sent);
    await expect(server.json("GET", "/api/x")).rejects.toThrow("evil.example is not this machine");
    expect(sent).toEqual([]);
    expect(log[0]).toMatch(/^refused: GET \/api\/x/);
  });

  it("do not follow a redirect away", async () => {
    const { server } = await serving((_, response) => {
      response.writeHead(307, { Location: "http://evil.example/" }).end();
    });
    await expect(server.json("POST", "/api/x", {})).rejects.toThrow("no Lemmata server answers");
  });

  it.each([
    [429, { "Retry-After": "7" }, "busy; ask again in 7 s"],
    [401, {}, "busy; set it with Lemmata: Set the API Key"],
    [400, {}, "busy"],
  ])("that are refused with %s say why in one line", async (status, headers, said) => {
    const { server } = await serving((_, response) => {
      response.writeHead(status, headers).end('{"error": {"message": "busy"}}');
    });
    await expect(server.json("POST", "/api/x", {})).rejects.toThrow(said);
  });

  it("without a server say how to start it", async () => {
    const { server, log } = to("http://127.0.0.1:9", []);
    await expect(server.json("GET", "/healthz")).rejects.toThrow("start it with: lemmata serve");
    expect(log[1]).toMatch(/^no answer from http:\/\/127.0.0.1:9/);
  });
});

describe("streams", () => {
  async function collected(pieces: string[]) {
    const { server } = await serving((_, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      for (const piece of pieces) response.write(Buffer.from(piece, "latin1"));
      response.end();
    });
    const found: unknown[] = [];
    const signal = new AbortController().signal;
    for await (const { name, data } of server.stream("/api/x", {}, signal))
      found.push([name, data]);
    return found;
  }

  it("may be cut anywhere, also within a character", async () => {
    const bytes = Buffer.from('event: piece\ndata: {"text": "素数"}\n\ndata: 2\n\n').toString(
      "latin1",
    );
    const whole = [
      ["piece", { text: "素数" }],
      ["message", 2],
    ];
    expect(await collected([bytes])).toEqual(whole);
    expect(await collected(Array.from(bytes))).toEqual(whole);
  });

  it("end with the error that the server tells", async () => {
    const event = 'event: error\ndata: {"error": {"message": "the engine stopped"}}\n\n';
    await expect(collected([event])).rejects.toThrow("the engine stopped");
  });

  it("end when they are aborted", async () => {
    const { server } = await serving((_, response) => {
      response.writeHead(200).write("data: 1\n\n");
    });
    const stopping = new AbortController();
    const reading = (async () => {
      for await (const event of server.stream("/api/x", {}, stopping.signal)) {
        expect(event.data).toBe(1);
        stopping.abort();
      }
    })();
    await expect(reading).rejects.toThrow("abort");
  });
});
