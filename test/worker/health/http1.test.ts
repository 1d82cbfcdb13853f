import { describe, expect, it } from "vitest";
import {
  BODY_BYTES_MAX,
  HEAD_BYTES_MAX,
  type HttpRequest,
  type Progress,
  ResponseParser,
  buildRequest,
} from "../../../worker/health/http1.ts";

const REQUEST: HttpRequest = {
  method: "GET",
  host: "3.34.0.5:8080",
  path: "/health",
  headers: [],
};

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function text(progress: Progress): string {
  if (progress.kind !== "reply") throw new Error(JSON.stringify(progress));
  return `${progress.status} ${new TextDecoder().decode(progress.body)}`;
}

/** What the parser makes of a text that comes in pieces of a size. */
function parse(response: string, pieceSize = response.length): Progress {
  const parser = new ResponseParser();
  const whole = bytes(response);
  let progress: Progress = { kind: "more" };
  for (let at = 0; at < whole.length; at += pieceSize) {
    progress = parser.push(whole.subarray(at, at + pieceSize));
  }
  return progress;
}

describe("the request", () => {
  it("is a GET that asks for the end of the connection", () => {
    const built = buildRequest({ ...REQUEST, headers: [{ name: "X-Probe", value: "s3cret" }] });

    if (built.kind !== "bytes") throw new Error(built.detail);
    expect(new TextDecoder().decode(built.bytes)).toBe(
      [
        "GET /health HTTP/1.1",
        "Host: 3.34.0.5:8080",
        "Connection: close",
        "Accept: application/json",
        "Accept-Encoding: identity",
        "User-Agent: lightfleet",
        "X-Probe: s3cret",
        "",
        "",
      ].join("\r\n"),
    );
  });

  it("without a body says so where a server might wait for one, and has as many headers as are given", () => {
    const headers = [
      { name: "X-A", value: "1" },
      { name: "X-B", value: "2" },
    ];
    const built = buildRequest({ ...REQUEST, method: "PUT", path: "/drain", headers });

    if (built.kind !== "bytes") throw new Error(built.detail);
    const text = new TextDecoder().decode(built.bytes);
    expect(text.startsWith("PUT /drain HTTP/1.1\r\n")).toBe(true);
    expect(text).toContain("\r\nContent-Length: 0\r\n");
    expect(text.endsWith("\r\nX-A: 1\r\nX-B: 2\r\n\r\n")).toBe(true);
  });

  it("is not made where any of several headers has more lines, or where two have one name", () => {
    const good = { name: "X-A", value: "1" };

    for (const bad of [
      { name: "X-B", value: "2\nX-C: 3" },
      { name: "X-B\r\nX-C", value: "2" },
      { name: "x-a", value: "2" },
    ])
      expect(buildRequest({ ...REQUEST, headers: [good, bad] }).kind).toBe("refused");
  });

  it.each(["/a\r\nX: y", "/a b", "/a\nb", "health", "", "/상태", "/a\u0000", "/a\u007f"])(
    "is not made of the path '%s'",
    (path) => expect(buildRequest({ ...REQUEST, path }).kind).toBe("refused"),
  );

  it.each([
    "a\r\nX: y",
    "a b",
    "",
    "x:",
    "Host",
    "connection",
    "Content-Length",
    "Transfer-Encoding",
  ])("is not made of a header named '%s'", (name) =>
    expect(buildRequest({ ...REQUEST, headers: [{ name, value: "v" }] }).kind).toBe("refused"),
  );

  it("is not made of a header with more lines, and does not repeat the secret", () => {
    const built = buildRequest({ ...REQUEST, headers: [{ name: "X", value: "s3cret\r\nY: z" }] });

    expect(built).toMatchObject({ kind: "refused" });
    expect(JSON.stringify(built)).not.toContain("s3cret");
  });

  it("is not made of a host with more lines", () => {
    expect(buildRequest({ ...REQUEST, host: "a\r\nX: y" }).kind).toBe("refused");
  });
});

describe("a response", () => {
  const FIXED = 'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"sessions":3}';
  const CHUNKED =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n{"ses\r\n9\r\nsions":3}\r\n0\r\nTrailer: t\r\n\r\n';

  it.each([1, 2, 7, 1000])("is complete at its Content-Length, in pieces of %i", (size) => {
    expect(text(parse(FIXED, size))).toBe('200 {"sessions":3}');
  });

  it.each([1, 2, 7, 1000])("is complete at its last chunk, in pieces of %i", (size) => {
    expect(text(parse(CHUNKED, size))).toBe('200 {"sessions":3}');
  });

  it("is not complete a byte earlier", () => {
    expect(parse(FIXED.slice(0, -1)).kind).toBe("more");
    expect(parse(CHUNKED.slice(0, -1)).kind).toBe("more");
  });

  it("without a length is complete at the end of the connection, not before", () => {
    const parser = new ResponseParser();

    expect(parser.push(bytes("HTTP/1.0 200 OK\r\n\r\n3")).kind).toBe("more");
    expect(text(parser.end())).toBe("200 3");
  });

  it("takes bare line feeds, header names in any case and a status without a reason", () => {
    expect(text(parse("HTTP/1.1 200\ncontent-LENGTH:1\n\n7"))).toBe("200 7");
  });

  it("comes after interim ones", () => {
    const early = "HTTP/1.1 103 Early Hints\r\nContent-Length: 99\r\n\r\n";

    expect(text(parse(`${early}HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n0`))).toBe("200 0");
  });

  it("needs no body for 204, 304 and length zero", () => {
    expect(text(parse("HTTP/1.1 204 No Content\r\n\r\n"))).toBe("204 ");
    expect(text(parse("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"))).toBe("503 ");
  });

  it("goes by its chunks where it also states a length", () => {
    const both =
      "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\n5\r\n0\r\n\r\n";

    expect(text(parse(both))).toBe("200 5");
  });

  it("is left alone after its end", () => {
    expect(text(parse(`${FIXED}HTTP/1.1 500 Oops\r\n\r\n`))).toBe('200 {"sessions":3}');
  });
});

describe("no response", () => {
  it.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["HTTP/2", "HTTP/2 200\r\n"],
    ["a garbled status", "HTTP/1.1 2x0 OK\r\n"],
    ["a header without a colon", "HTTP/1.1 200 OK\r\nnonsense\r\n"],
    ["a folded header", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n"],
    ["a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
    ["another coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"],
    ["a garbled chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    [
      "a chunk that is too long",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    ],
  ])("is read from %s", (_what, response) => {
    expect(parse(response).kind).toBe("failed");
  });

  it.each([
    ["the status line", "HTTP/1.1 200"],
    ["the headers", "HTTP/1.1 200 OK\r\nContent-Le"],
    ["the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123"],
    ["a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"],
    ["the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"],
  ])("is read where the connection ends within %s", (_where, response) => {
    const parser = new ResponseParser();
    parser.push(bytes(response));

    expect(parser.end().kind).toBe("failed");
  });

  it("is read where the head does not end", () => {
    expect(parse(`HTTP/1.1 200 OK\r\nA: ${"x".repeat(HEAD_BYTES_MAX)}`)).toMatchObject({
      kind: "failed",
      detail: "its head is over 16384 bytes",
    });
    expect(parse("HTTP/1.1 103 x\r\n\r\n".repeat(2000)).kind).toBe("failed");
  });

  it.each([
    ["a length", `Content-Length: ${BODY_BYTES_MAX + 1}\r\n\r\n`],
    ["a chunk", `Transfer-Encoding: chunked\r\n\r\n${(BODY_BYTES_MAX + 1).toString(16)}\r\n`],
    ["no length", `\r\n${"x".repeat(BODY_BYTES_MAX + 1)}`],
  ])("is read where the body is too large, by %s", (_how, rest) => {
    expect(parse(`HTTP/1.1 200 OK\r\n${rest}`)).toMatchObject({
      kind: "failed",
      detail: "its body is over 65536 bytes",
    });
  });

  it("is not what a body at the very limit is", () => {
    const body = "x".repeat(BODY_BYTES_MAX);

    const progress = parse(`HTTP/1.1 200 OK\r\nContent-Length: ${BODY_BYTES_MAX}\r\n\r\n${body}`);

    expect(progress.kind).toBe("reply");
  });
});
