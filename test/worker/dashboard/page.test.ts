import { describe, expect, it } from "vitest";
import { createPage } from "../../../worker/dashboard/page.ts";

const FILES = { "main.js": "run()", "page.css": "p {}" };
const page = createPage({ shell: '<script src="{{folder}}/main.js"></script>', files: FILES });

async function mainPath(): Promise<string> {
  const shell = await page("/")?.text();
  return /src="([^"]+)"/u.exec(shell ?? "")?.[1] ?? "";
}

describe("the page", () => {
  it("is asked for over TLS alone, once a browser has seen it", async () => {
    for (const path of ["/", await mainPath()])
      expect(page(path)?.headers.get("Strict-Transport-Security")).toMatch(/^max-age=15552000;/u);
  });

  it("is never kept, and names its files by their version", async () => {
    expect(page("/")?.headers.get("Cache-Control")).toBe("no-store");
    expect(await mainPath()).toMatch(/^\/page\/[0-9a-f]{8}\/main\.js$/u);
  });

  it("gives files of its own version for good", async () => {
    const reply = page(await mainPath());

    expect(await reply?.text()).toBe("run()");
    expect(reply?.headers.get("Content-Type")).toBe("text/javascript; charset=utf-8");
    expect(reply?.headers.get("Cache-Control")).toContain("immutable");
  });

  it("gives what it has for another version, but not to be kept", () => {
    expect(page("/page/00000000/main.js")?.headers.get("Cache-Control")).toBe("no-store");
  });

  it("has another address when a file is another", async () => {
    const other = createPage({ shell: "", files: { ...FILES, "main.js": "run(2)" } });

    expect(other(await mainPath())?.headers.get("Cache-Control")).toBe("no-store");
  });

  it.each(["/page/", "/page/0/none.js", "/page/0/constructor", "/page/0/x/main.js", "/v1/fleets"])(
    "knows nothing of %s",
    (path) => {
      expect(page(path)).toBeNull();
    },
  );

  it("lets in no script, style or connection but its own", () => {
    const policy = page("/")?.headers.get("Content-Security-Policy") ?? "";

    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/u);
  });
});
